import { expect, test } from 'vitest';
import { parseRoutingManager } from '../../src/domain/routing-manager-address.js';

test.each([
  ['192.0.2.1', { host: '192.0.2.1' }],
  ['192.0.2.1:8443', { host: '192.0.2.1', port: 8443 }],
  ['2001:db8::1', { host: '2001:db8::1' }],
  ['[2001:db8::1]', { host: '2001:db8::1' }],
  ['[2001:db8::1]:443', { host: '2001:db8::1', port: 443 }],
  ['::1', { host: '::1' }],
  ['arm', { host: 'arm' }],
  ['ARM-1.Example.com', { host: 'arm-1.example.com' }],
  ['arm.example.com.', { host: 'arm.example.com.' }],
  ['arm.example:1', { host: 'arm.example', port: 1 }],
  ['arm.example:65535', { host: 'arm.example', port: 65_535 }],
  ['4ever.example', { host: '4ever.example' }],
  [`${'a'.repeat(63)}.example`, { host: `${'a'.repeat(63)}.example` }],
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
])('%j is none', (text) => {
  expect(parseRoutingManager(text)).toBeUndefined();
});
