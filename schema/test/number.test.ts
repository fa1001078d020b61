import { expect, test } from 'vitest';
import { normaliseNumber } from '../src/number.js';

test.each([
  ['+4930123', '+4930123'],
  ['\\+4930123', '+4930123'],
  ['4930123', '4930123'],
  ['0', '0'],
  ['0049', '0049'],
  ['12345678901234567890', '12345678901234567890'],
  ['+12345678901234567890', '+12345678901234567890'],
])('%s is the number %s', (text, number) => {
  expect(normaliseNumber(text)).toBe(number);
});

test.each([
  '',
  '+',
  '\\+',
  '\\49',
  '++49',
  '+49 30',
  ' 49',
  '49\n',
  '4a',
  '*21',
  '#1',
  '+49-30',
  '٣٤',
  '123456789012345678901',
])('%j is no number', (text) => {
  expect(normaliseNumber(text)).toBeUndefined();
});

test('a normalised number stays as it is', () => {
  for (const text of ['\\+49', '+49', '49']) {
    const once = normaliseNumber(text) ?? '';
    expect(normaliseNumber(once)).toBe(once);
  }
});
