import { expect, test } from 'vitest';
import { originOf, parseTargetAddress } from '../../src/arm/target-address.js';

test.each([
  ['192.0.2.1', 'https://192.0.2.1:443'],
  ['192.0.2.1:5001', 'https://192.0.2.1:5001'],
  ['2001:db8::1', 'https://[2001:db8::1]:443'],
  ['[2001:db8::1]', 'https://[2001:db8::1]:443'],
  ['[::1]:65535', 'https://[::1]:65535'],
  ['ARM.example', 'https://arm.example:443'],
  ['arm:8443', 'https://arm:8443'],
  ['arm-1.example.:443', 'https://arm-1.example.:443'],
])('%s is at %s', (text, origin) => {
  const target = parseTargetAddress(text);
  expect(target && originOf(target, 'https')).toBe(origin);
});

test.each([
  '',
  ' arm',
  'arm example',
  'https://arm.example',
  'arm.example/path',
  'user@arm.example',
  'arm.example:',
  'arm.example:0',
  'arm.example:65536',
  'arm.example:https',
  '-arm.example',
  'arm_1.example',
  'arm..example',
  '.',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(127)}aa`,
  '192.0.2',
  '192.0.2.256',
  '192.0.2.1.5',
  '0x7f000001',
  '2130706433',
  '[192.0.2.1]',
  '[::1',
  'fe80::1%eth0',
  '[fe80::1%25eth0]',
  'größe.example',
  'arm.example\n',
])('%j is neither address nor hostname', (text) => {
  expect(parseTargetAddress(text)).toBeUndefined();
});
