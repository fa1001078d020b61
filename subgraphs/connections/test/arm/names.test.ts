/** What a name means is judged on the addresses it resolves to, when the socket is opened, and the socket goes there. */
import type * as Dns from 'node:dns';
import { expect, test, vi } from 'vitest';
import { client, failureOf, manager } from './routing-manager.js';

type Address = { readonly address: string; readonly family: number };
const answers = vi.hoisted(() => ({
  next: [] as readonly (readonly { address: string; family: number }[])[],
  asked: 0,
}));

vi.mock('node:dns', async (original) => ({
  ...(await original<typeof Dns>()),
  lookup: (_name: string, _options: unknown, callback: (error: null, addresses: readonly Address[]) => void) => {
    const at = Math.min(answers.asked, answers.next.length - 1);
    answers.asked += 1;
    queueMicrotask(() => callback(null, answers.next[at] ?? []));
  },
}));

const v4 = (address: string): Address => ({ address, family: 4 });
const v6 = (address: string): Address => ({ address, family: 6 });

function resolveTo(...next: (readonly Address[])[]): void {
  answers.next = next;
  answers.asked = 0;
}

const named = ({ address }: { readonly address: string }) => ({ address: `arm.example:${address.split(':')[1]}` });
const policy = { allowLoopback: false, ownAddresses: () => ['10.9.8.7'] };

test.each([
  ['link-local', v4('169.254.169.254')],
  ['link-local, mapped', v6('::ffff:169.254.169.254')],
  ['loopback', v4('127.0.0.1')],
  ['loopback, mapped', v6('::ffff:7f00:1')],
  ['an address of this machine', v4('10.9.8.7')],
  ['unspecified', v6('::')],
])('a name that stands for %s is refused', async (_what, address) => {
  resolveTo([address]);
  const error = await failureOf(client({ address: 'arm.example' }, {}, { policy }).nodes());
  expect(error).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED', transient: false });
  expect(error.message).toContain(address.address);
});

test('of several addresses only those that calls may go to are tried', async () => {
  const arm = await manager();
  resolveTo([v4('169.254.169.254'), v4('127.0.0.1')]);
  expect(await client(named(arm)).registeredUserCount()).toBe(2500);
});

test('a name that means something else the next time is judged again when the next socket is opened', async () => {
  const arm = await manager();
  resolveTo([v4('127.0.0.1')], [v4('127.0.0.1')], [v4('169.254.169.254')]);
  const to = client(named(arm));
  expect(await to.registeredUserCount()).toBe(2500);
  // One socket for the question whether it speaks TLS, one for the call.
  expect(answers.asked).toBe(2);
  arm.control.fault({ kind: 'cut-page', times: 1 });
  expect(await failureOf(to.registeredUserCount())).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
});

test('this server itself is refused by name where loopback is allowed', async () => {
  const arm = await manager();
  resolveTo([v4('127.0.0.1')]);
  const ownPorts = [Number(arm.address.split(':')[1])];
  const error = await failureOf(client(named(arm), {}, { policy: { allowLoopback: true, ownPorts } }).nodes());
  expect(error).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
  expect(error.message).toContain('this server itself');
});

test('addresses written as such are judged without a name server, IPv6 too', async () => {
  resolveTo([v4('127.0.0.1')]);
  for (const address of ['[::1]:443', '127.0.0.1', '[::ffff:a9fe:a9fe]:443', '[fe80::1]', '169.254.169.254:80']) {
    const error = await failureOf(client({ address }, {}, { policy }).nodes());
    expect(error, address).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
  }
  expect(answers.asked).toBe(0);
});

test.each(['2130706433', '0x7f000001', '017700000001', '127.1', '0x7f.1', '127.0.0.1.'])(
  '%s, which some resolvers read as an address, is none here',
  (address) => {
    expect(() => client({ address })).toThrow('neither an address nor a hostname');
  },
);
