import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { client, CREDENTIALS, failureOf, listed, manager, sleeplessClock } from './routing-manager.js';

describe.each(['BASIC', 'SESSION'] as const)('with %s', (authenticationMethod) => {
  test('everything there is to read is read', async () => {
    const arm = await manager({ domain: 'acme.example' });
    arm.control.changeNode('2', 'lock');
    arm.control.takeOffline('+493000002');
    const to = client(arm, { authenticationMethod });
    expect(await to.serverStatus()).toEqual({ routers: 1 });
    expect(await to.nodes()).toEqual([
      { id: '1', name: 'SBC-1', frozen: false },
      { id: '2', name: 'SBC-2', frozen: true },
    ]);
    expect(await to.registeredUserCount()).toBe(2500);
    expect(await to.user('r3')).toEqual({
      id: 'r3',
      aor: 'sip:+493000002@acme.example',
      nodeId: '1',
      nodeName: 'SBC-1',
      state: 'OFFLINE',
    });
    expect(await to.user('r2501')).toBeUndefined();
    expect(await to.user('../nodes/1')).toBeUndefined();
    expect(await listed(to)).toEqual(Array.from({ length: 2500 }, (_, index) => `r${index + 1}`));
  });

  test('a wrong password is refused, at once and without telling it', async () => {
    const arm = await manager();
    const clock = sleeplessClock();
    const to = client(arm, { authenticationMethod, password: 'not the password' }, { clock });
    const error = await failureOf(to.serverStatus());
    expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED', transient: false });
    expect(error.message).toContain('Check user name, password');
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toMatch(
      /not the password|Basic/,
    );
    expect(clock.slept).toEqual([]);
  });
});

describe('sessions', () => {
  test('a session that ends between two pages is begun again and no page is lost', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'expired-session', onPage: 2, times: 1 });
    expect(await listed(client(arm, { authenticationMethod: 'SESSION' }))).toHaveLength(2500);
  });

  test('a refusal right after a login is final', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'expired-session', onPage: 2, times: 2 });
    const error = await failureOf(listed(client(arm, { authenticationMethod: 'SESSION' })));
    expect(error.code).toBe('CREDENTIALS_REFUSED');
  });

  test('many calls at once log in once', async () => {
    const arm = await manager();
    let logins = 0;
    const counting = createServer((socket) => {
      const onward = connect(Number(arm.address.split(':')[1]), '127.0.0.1');
      socket.on('data', (data) => (logins += data.toString('latin1').split('POST ').length - 1));
      socket.pipe(onward).pipe(socket);
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => counting.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void counting.close());
    const to = client(
      { address: `127.0.0.1:${(counting.address() as AddressInfo).port}` },
      { authenticationMethod: 'SESSION' },
    );
    await to.serverStatus();
    arm.control.expireSessions();
    logins = 0;
    await Promise.all(['r1', 'r2', 'r3', 'r4'].map((id) => to.user(id)));
    expect(logins).toBe(1);
  });
});

describe('addresses', () => {
  test('a name that cannot be resolved and a port where nobody listens are unreachable', async () => {
    const unknown = await failureOf(client({ address: 'arm.invalid' }).serverStatus());
    expect(unknown).toMatchObject({ code: 'HOST_UNREACHABLE' });
    const arm = await manager();
    await arm.close();
    const clock = sleeplessClock();
    const refused = await failureOf(client(arm, {}, { clock }).serverStatus());
    expect(refused).toMatchObject({ code: 'HOST_UNREACHABLE', transient: true });
    expect(refused.message).toContain('ECONNREFUSED');
    expect(clock.slept).toEqual([500, 1000]);
  });

  test('loopback is refused as an address and as a name that leads there, and nobody is called', async () => {
    const arm = await manager({ host: '127.0.0.1' });
    arm.control.fault({ kind: 'unauthorized' });
    const port = arm.address.split(':')[1];
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '127.9.9.9']) {
      const to = client({ address: `${host}:${port}` }, {}, { policy: {} });
      expect(await failureOf(to.serverStatus()), host).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED', transient: false });
    }
    expect(arm.control.faults.list()).toMatchObject([{ struck: 0 }]);
  });

  test('a name is resolved and called where it leads', async () => {
    const arm = await manager();
    const address = `localhost:${arm.address.split(':')[1]}`;
    expect(await client({ address }).registeredUserCount()).toBe(2500);
  });

  test('an address outside the allowed networks is not called', async () => {
    const to = client({ address: '192.0.2.1' }, {}, { policy: { allowedNetworks: ['10.0.0.0/8'] } });
    expect(await failureOf(to.nodes())).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
  });

  test('what is neither address nor hostname, and a network that is none, never get to a client', () => {
    expect(() => client({ address: 'http://arm' })).toThrow('neither an address nor a hostname');
    expect(() => client({ address: '127.0.0.1' }, {}, { policy: { allowedNetworks: ['ten'] } })).toThrow();
  });
});

describe('cancelling', () => {
  test('the reason of the signal comes out of a call under way, of a wait and of a call never begun', async () => {
    const arm = await manager();
    const reason = new Error('cancelled by an operator');
    arm.control.fault({ kind: 'slow-answer', milliseconds: 60_000, times: 1 });
    const given = new AbortController();
    const late = client(arm).serverStatus(given.signal);
    given.abort(reason);
    await expect(late).rejects.toBe(reason);

    arm.control.clearFaults();
    arm.control.fault({ kind: 'unavailable' });
    const during = new AbortController();
    const clock = { ...sleeplessClock(), sleep: () => Promise.resolve(during.abort(reason)) };
    await expect(client(arm, {}, { clock }).serverStatus(during.signal)).rejects.toBe(reason);
    await expect(listed(client(arm), during.signal)).rejects.toBe(reason);
    expect(arm.control.faults.list()).toMatchObject([{ struck: 1 }]);
  });

  test('a listing that is cancelled between two pages ends with the reason', async () => {
    const arm = await manager();
    const given = new AbortController();
    const reason = new Error('cancelled');
    const pages = client(arm).pages(given.signal);
    await pages.next();
    given.abort(reason);
    await expect(pages.next()).rejects.toBe(reason);
  });

  test('a listing may be left after its first page', async () => {
    const arm = await manager();
    const to = client(arm);
    for await (const { items } of to.pages()) {
      expect(items).toHaveLength(1000);
      break;
    }
    expect(await to.registeredUserCount()).toBe(2500);
  });

  test('after closing every call fails at once', async () => {
    const arm = await manager();
    const clock = sleeplessClock();
    const to = client(arm, {}, { clock });
    await to.serverStatus();
    await to.close();
    expect(await failureOf(to.serverStatus())).toMatchObject({ code: 'HOST_UNREACHABLE', transient: false });
    expect(clock.slept).toEqual([]);
  });
});

test('the next page is fetched while the caller works on this one, and no further one', async () => {
  const arm = await manager();
  const pages = client(arm).pages();
  await pages.next();
  while (arm.control.examined < 2000) await new Promise((resolve) => setImmediate(resolve));
  await client(arm).serverStatus();
  expect(arm.control.examined).toBe(2000);
  await pages.return();
});

test('credentials with a colon and letters beyond ASCII are accepted', async () => {
  expect(CREDENTIALS.password).toMatch(/: ä/);
  const arm = await manager();
  expect(await client(arm).registeredUserCount()).toBe(2500);
});

test('the id of the request goes along with every call, the login too', async () => {
  const seen: unknown[] = [];
  const proxy = createHttpServer((request, response) => {
    seen.push([request.url?.replace('/ARM/v1', ''), request.headers['x-request-id']]);
    response.end(JSON.stringify(request.method === 'POST' ? { token: 't' } : { configurator: {}, routers: [] }));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  await client({ address }, { authenticationMethod: 'SESSION', requestId: 'request-1' }).serverStatus();
  expect(seen).toEqual([
    ['/login', 'request-1'],
    ['/servers/status', 'request-1'],
  ]);
});
