import { expect, test } from 'vitest';
import { isSameRoutingManager, parseRoutingManager } from '../../src/domain/routing-manager-address.js';

test.each([
  ['192.0.2.1', { host: '192.0.2.1', port: 443 }],
  ['192.0.2.1:8443', { host: '192.0.2.1', port: 8443 }],
  ['2001:db8::1', { host: '2001:db8::1', port: 443 }],
  ['[2001:db8::1]', { host: '2001:db8::1', port: 443 }],
  ['[2001:db8::1]:443', { host: '2001:db8::1', port: 443 }],
  ['::1', { host: '::1', port: 443 }],
  ['arm', { host: 'arm', port: 443 }],
  ['ARM-1.Example.com', { host: 'arm-1.example.com', port: 443 }],
  ['arm.example.com.', { host: 'arm.example.com.', port: 443 }],
  ['arm.example:1', { host: 'arm.example', port: 1 }],
  ['arm.example:65535', { host: 'arm.example', port: 65_535 }],
  ['4ever.example', { host: '4ever.example', port: 443 }],
  [`${'a'.repeat(63)}.example`, { host: `${'a'.repeat(63)}.example`, port: 443 }],
])('%s is an address', (text, expected) => {
  expect(parseRoutingManager(text)).toEqual(expected);
});

test.each([
  '',
  ' ',
  'arm example',
  ' arm.example',
  'https://arm.example',
  'arm.example/path',
  'user:secret@arm.example',
  'user@arm.example',
  'arm_1.example',
  '-arm.example',
  'arm-.example',
  'arm..example',
  '.example',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(127)}a`,
  '256.1.1.1',
  '192.0.2',
  '192.0.2.1.5',
  '0x7f.1',
  '2130706433',
  'arm.example:',
  'arm.example:0',
  'arm.example:080',
  'arm.example:65536',
  'arm.example:https',
  'arm.example:443:443',
  '[2001:db8::1',
  '2001:db8::1]',
  '[192.0.2.1]',
  '[arm.example]',
  'fe80::1%eth0',
  '[fe80::1%eth0]:443',
  '2001:db8::g',
  'ärm.example',
  'xn--a.example',
  'xn--',
  'arm.example\n',
  '.',
  '0x7f000001',
  '0177.0.0.1.',
  '127.1',
  '::ffff:127.0.0.1%lo',
])('%j is none', (text) => {
  expect(parseRoutingManager(text)).toBeUndefined();
});

test.each([
  ['arm.example', 'ARM.example:443', true],
  ['[2001:DB8::1]', '2001:db8::1', true],
  ['arm.example', 'arm.example:8443', false],
  ['arm.example', 'arm2.example', false],
  ['arm.example', 'https://arm.example', false],
])('%s and %s are one routing manager: %s', (one, other, same) => {
  expect(isSameRoutingManager(one, other)).toBe(same);
});
