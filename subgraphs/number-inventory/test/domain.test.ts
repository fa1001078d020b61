/** The rules as tables, each with the sentence of the source it follows. */
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../src/domain/duration.js';
import { placementProblem, type HierarchyNode, type NodeType } from '../src/domain/hierarchy.js';
import { COOLING_DURATION, effectiveMacro } from '../src/domain/macros.js';
import { e164Of } from '../src/domain/number.js';
import { numbersOf } from '../src/domain/number-list.js';
import { coolingTag } from '../src/domain/transitions.js';

const NOW = '2026-01-01T23:30:00.000Z';

describe('the cooling duration', () => {
  test.each([
    ['1', 86_400_000, '1 days'],
    ['999', 999 * 86_400_000, '999 days'],
    ['PT90S', 90_000, 'PT90S'],
    ['P1DT2H3M4S', 93_784_000, 'P1DT2H3M4S'],
    ['PT48H', 172_800_000, 'PT48H'],
    ['P999D', 999 * 86_400_000, 'P999D'],
  ])('%s is accepted', (value, ms, label) => {
    expect(parseDuration(value)).toEqual({ ms, label });
  });
  test.each([
    '0',
    '1000',
    '',
    ' 2',
    '2 days',
    '-1',
    '1.5',
    '02',
    'P',
    'PT',
    'P1DT',
    'P0D',
    'PT0S',
    'P1000D',
    'P999DT1S',
    'PT1.5S',
    'P1W',
    'P1M',
    'pt90s',
  ])('"%s" is refused', (value) => expect(parseDuration(value)).toBeUndefined());
  test('the tag prints the UTC day of entering Cooling, and a duration in place of days', () => {
    expect(coolingTag(NOW, { ms: 60_000, label: 'PT60S' })).toBe(
      'Registered user is either offline or deleted, release date 2026-01-01 + PT60S',
    );
  });
  test('the nearest ancestor\'s macro is in force; "default setting is 2 days"', () => {
    const set = new Map([
      ['r', '5'],
      ['c', '7'],
    ]);
    const at = (path: string) => effectiveMacro(COOLING_DURATION, path, (node) => set.get(node));
    expect(at('p.r.c.s')).toEqual({ value: '7', node: 'c' });
    expect(at('p.r.x')).toEqual({ value: '5', node: 'r' });
    expect(at('p')).toEqual({ value: '2' });
  });
});

describe('ranges and lists', () => {
  const codes = (input: Parameters<typeof numbersOf>[0]) => {
    const list = numbersOf(input);
    return 'refusals' in list ? list.refusals.map(({ code, field }) => `${code} ${field}`) : list.numbers;
  };
  test.each([
    [
      'leading zeros and the plus are kept',
      { range: { start: '+0098', end: '+0101' } },
      ['+0098', '+0099', '+0100', '+0101'],
    ],
    ['"single number = start equal to end"', { range: { start: '7', end: '7' } }, ['7']],
    ['a plus may be written \\+', { range: { start: '\\+4911', end: '+4912' } }, ['+4911', '+4912']],
    ['upside down', { range: { start: '20', end: '19' } }, ['OUT_OF_RANGE range.end']],
    ['1,001 numbers', { range: { start: '1000', end: '2000' } }, ['OUT_OF_RANGE range.end']],
    ['letters at both ends', { range: { start: '10a', end: 'b' } }, ['INVALID range.start', 'INVALID range.end']],
    ['different lengths', { range: { start: '99', end: '100' } }, ['INVALID range.end']],
    ['one with a plus, one without', { range: { start: '+99', end: '100' } }, ['INVALID range.end']],
    [
      'digits beyond the precision of a double',
      { range: { start: '99999999999999999998', end: '99999999999999999999' } },
      ['99999999999999999998', '99999999999999999999'],
    ],
    [
      'a list names each number that is none and collapses repetitions',
      { numbers: ['1', 'x', '1', ''] },
      ['INVALID numbers.1', 'INVALID numbers.3'],
    ],
    ['a repeated number counts once', { numbers: ['1', '\\+1', '+1', '1'] }, ['1', '+1']],
    ['an empty list', { numbers: [] }, ['REQUIRED numbers']],
    ['neither', {}, ['REQUIRED range']],
    ['both', { range: { start: '1', end: '1' }, numbers: ['1'] }, ['INVALID numbers']],
  ])('%s', (_, input, expected) => expect(codes(input)).toEqual(expected));
  test('a range of exactly 1,000 is accepted', () => {
    expect(codes({ range: { start: '1000', end: '1999' } })).toHaveLength(1000);
  });
  test('E.164 is a plus, no zero, at most 15 digits', () => {
    expect(['+4930123', '4930123', '+0930', '+1234567890123456'].map(e164Of)).toEqual([
      '+4930123',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the hierarchy', () => {
  const chain = (...types: NodeType[]): HierarchyNode[] =>
    types.map((type, index) => ({
      id: `${index}`,
      type,
      name: type,
      parent: '',
      path: '',
      retired: false,
      createdAt: NOW,
    }));
  test.each<[NodeType, NodeType[], string | undefined]>([
    ['RESELLER', ['PROVIDER'], undefined],
    ['CUSTOMER', ['PROVIDER', 'RESELLER'], undefined],
    ['SITE', ['PROVIDER', 'RESELLER', 'CUSTOMER'], undefined],
    ['SITE', ['PROVIDER', 'RESELLER', 'CUSTOMER', 'INTERMEDIATE', 'INTERMEDIATE'], undefined],
    ['CUSTOMER', ['PROVIDER', 'INTERMEDIATE', 'RESELLER', 'INTERMEDIATE'], undefined],
    ['INTERMEDIATE', ['PROVIDER'], undefined],
    ['SITE', ['PROVIDER', 'RESELLER'], 'WRONG_NODE_TYPE'],
    ['SITE', ['PROVIDER', 'RESELLER', 'INTERMEDIATE'], 'WRONG_NODE_TYPE'],
    ['CUSTOMER', ['PROVIDER'], 'WRONG_NODE_TYPE'],
    ['CUSTOMER', ['PROVIDER', 'RESELLER', 'CUSTOMER'], 'WRONG_NODE_TYPE'],
    ['INTERMEDIATE', ['PROVIDER', 'RESELLER', 'CUSTOMER', 'SITE'], 'WRONG_NODE_TYPE'],
    ['PROVIDER', ['PROVIDER'], 'WRONG_NODE_TYPE'],
    [
      'INTERMEDIATE',
      Array.from({ length: 12 }, (_, index) => (index ? 'INTERMEDIATE' : 'PROVIDER') as NodeType),
      'OUT_OF_RANGE',
    ],
  ])('%s below %j: %s', (type, above, code) => {
    expect(placementProblem(type, chain(...above))?.code).toBe(code);
  });
});
