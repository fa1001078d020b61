import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { checkNetwork, refusalOf } from '../../src/arm/address-policy.js';

describe('refused whatever the settings', () => {
  const everything = { allowLoopback: true, allowedNetworks: ['0.0.0.0/0', '::/0'] };
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '255.255.255.255',
    '224.0.0.1',
    'ff02::1',
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fec0::1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::1',
    '2001::1',
    '::ffff:0:7f00:1',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
    'arm.example',
    '',
  ])('%s', (address) => {
    expect(refusalOf(address, everything)).toBeTypeOf('string');
    expect(refusalOf(address, {})).toBeTypeOf('string');
  });
});

describe('this machine itself is refused unless loopback is allowed', () => {
  test.each(['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '::127.0.0.1'])(
    '%s',
    (address) => {
      expect(refusalOf(address, {})).toBe('is this machine itself');
      expect(refusalOf(address, { allowLoopback: true })).toBeUndefined();
    },
  );
});

describe('allowed when nothing else is said', () => {
  test.each(['10.0.0.1', '192.168.1.1', '172.16.0.1', '203.0.113.7', '100.64.0.1', '2001:db8::1', 'fd12::1'])(
    '%s',
    (address) => {
      expect(refusalOf(address, {})).toBeUndefined();
    },
  );
});

describe('addresses of this machine are this machine, whatever network they are of', () => {
  const policy = { ownAddresses: () => ['192.168.7.5', 'fd12::5', 'fe80::5%eth0'] };
  test.each(['192.168.7.5', '::ffff:192.168.7.5', '::ffff:c0a8:705', '64:ff9b::c0a8:705', 'fd12::5', 'FD12:0::0005'])(
    '%s',
    (address) => {
      expect(refusalOf(address, policy)).toBe('is this machine itself');
      expect(refusalOf(address, { ...policy, allowedNetworks: ['192.168.0.0/16', 'fd12::/16'] })).toBe(
        'is this machine itself',
      );
      expect(refusalOf(address, { ...policy, allowLoopback: true })).toBeUndefined();
    },
  );

  test('the interfaces of the machine are asked when nothing else is said', () => {
    const [own] = Object.values(networkInterfaces()).flatMap((addresses = []) =>
      addresses.filter(({ family }) => family === 'IPv4').map(({ address }) => address),
    );
    expect(refusalOf(own ?? '127.0.0.1', {})).toBe('is this machine itself');
  });
});

test('where this server itself listens is refused on this machine even where loopback is allowed', () => {
  const policy = { allowLoopback: true, ownPorts: [4000], ownAddresses: () => ['192.168.7.5'] };
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '192.168.7.5']) {
    expect(refusalOf(address, policy, 4000), address).toBe('is this server itself');
    expect(refusalOf(address, policy, 4001), address).toBeUndefined();
  }
  expect(refusalOf('192.168.7.6', policy, 4000)).toBeUndefined();
});

test('with allowed networks an address must be in one of them, in the form it is reached in', () => {
  const policy = { allowedNetworks: ['10.1.0.0/16', '2001:db8::/32'] };
  expect(refusalOf('10.1.255.255', policy)).toBeUndefined();
  expect(refusalOf('::ffff:10.1.0.1', policy)).toBeUndefined();
  expect(refusalOf('2001:db8:1::1', policy)).toBeUndefined();
  for (const address of ['10.2.0.0', '2001:db9::1', '11.1.0.1'])
    expect(refusalOf(address, policy)).toBe('is in none of the allowed networks');
  expect(refusalOf('127.0.0.1', policy)).toBe('is this machine itself');
  expect(refusalOf('127.0.0.1', { ...policy, allowLoopback: true })).toBeUndefined();
  expect(refusalOf('10.1.0.1', { allowedNetworks: [] })).toBe('is in none of the allowed networks');
});

test('a network that is none is told when it is checked', () => {
  expect(() => checkNetwork('10.0.0.0/8')).not.toThrow();
  for (const network of ['10.0.0.0', '10.0.0.0/33', 'x/8', '']) expect(() => checkNetwork(network), network).toThrow();
});
