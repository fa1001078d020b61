import { describe, expect, test } from 'vitest';
import { call, CREDENTIALS, json, listing, managerWith, page, smallManager } from './manager.js';
import type { LoginAnswer } from '../src/wire.js';

describe('credentials', () => {
  test('Basic opens every call and a wrong password none', async () => {
    const manager = await smallManager();
    expect((await call(manager, '/nodes')).status).toBe(200);
    const wrong = `Basic ${Buffer.from('operator:wrong').toString('base64')}`;
    const refused = await call(manager, '/nodes', { headers: { authorization: wrong } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('Basic');
    expect(await refused.json()).toMatchObject({ code: 'UNAUTHORIZED' });
    expect((await fetch(`${manager.url}/ARM/v1/nodes`)).status).toBe(401);
  });

  test('a session token is good until it expires, to the millisecond', async () => {
    let now = 1_700_000_000_000;
    const manager = await smallManager({ sessionSeconds: 60, now: () => now });
    const login = await fetch(`${manager.url}/ARM/v1/login`, json(CREDENTIALS));
    const { token, expiresIn } = (await login.json()) as LoginAnswer;
    expect(expiresIn).toBe(60);
    const withToken = { headers: { authorization: `Bearer ${token}` } };
    now += 59_999;
    expect((await call(manager, '/nodes', withToken)).status).toBe(200);
    now += 1;
    expect((await call(manager, '/nodes', withToken)).status).toBe(401);
  });

  test('a login without a password is 400, with a wrong one 401', async () => {
    const manager = await smallManager();
    expect((await call(manager, '/login', json({ username: 'operator' }))).status).toBe(400);
    expect((await call(manager, '/login', { method: 'POST', body: '{' })).status).toBe(400);
    expect((await call(manager, '/login', json({ ...CREDENTIALS, password: 'no' }))).status).toBe(401);
  });
});

describe('registered users', () => {
  test('pages cover everybody once, in the same order every time, and say their range', async () => {
    const manager = await smallManager();
    const first = await listing(manager);
    expect(first).toEqual(Array.from({ length: 25 }, (_, index) => `+${4930100 + index}`));
    expect(await listing(manager)).toEqual(first);
    const { items, ...range } = await page(manager, 20);
    expect(range).toEqual({ total: 25, offset: 20, limit: 10 });
    expect(items).toHaveLength(5);
    expect((await page(manager, 25)).items).toEqual([]);
  });

  test('a record has the fields of the contract', async () => {
    const manager = await smallManager({ now: () => 1_700_000_000_000, domain: 'acme.example' });
    const { items } = await page(manager, 1, 1);
    expect(items[0]).toEqual({
      id: 'r2',
      user: '+4930101',
      aor: 'sip:+4930101@acme.example',
      contact: 'sip:+4930101@10.0.0.1:5060',
      nodeId: '2',
      nodeName: 'SBC-2',
      ipGroup: 'Users',
      registeredAt: '2023-11-14T22:13:20.000Z',
      expiresAt: '2023-11-14T23:13:20.000Z',
      state: 'ONLINE',
      lastUpdated: '2023-11-14T22:13:20.000Z',
    });
  });

  test('the limit is 100 unless asked for and 1000 at most', async () => {
    const manager = await managerWith({ users: { count: 1500, firstNumber: '+491000' } });
    const standard = (await (await call(manager, '/registeredUsers')).json()) as { items: unknown[]; limit: number };
    expect([standard.items.length, standard.limit]).toEqual([100, 100]);
    expect((await page(manager, 0, 1000)).items).toHaveLength(1000);
  });

  test.each(['limit=1001', 'limit=0', 'offset=-1', 'offset=x', 'limit=1.5', 'nodeId=9', 'state=AWAY', 'number='])(
    '%s is 400 with a sentence',
    async (query) => {
      const manager = await smallManager();
      const response = await call(manager, `/registeredUsers?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'BAD_REQUEST', message: expect.any(String) as string });
    },
  );

  test('filters by node, number and state, and together', async () => {
    const manager = await smallManager();
    manager.control.takeOffline('+4930101');
    const totals = async (query: string) => {
      const response = await call(manager, `/registeredUsers?${query}`);
      const body = (await response.json()) as { total: number; items: unknown[] };
      expect(body.items).toHaveLength(body.total);
      return body.total;
    };
    expect(await totals('nodeId=1')).toBe(13);
    expect(await totals('number=%2B4930101')).toBe(1);
    expect(await totals('number=4930101')).toBe(0);
    expect(await totals('state=OFFLINE')).toBe(1);
    expect(await totals('nodeId=1&state=OFFLINE')).toBe(0);
    expect(await totals('nodeId=2&state=ONLINE')).toBe(11);
  });

  test('one is read by its id; an unknown or odd id is 404', async () => {
    const manager = await smallManager();
    expect(await (await call(manager, '/registeredUsers/r3')).json()).toMatchObject({ user: '+4930102' });
    for (const id of ['r26', 'r0', 'r03', 'x', '%ff'])
      expect((await call(manager, `/registeredUsers/${id}`)).status, id).toBe(404);
  });

  test('they cannot be written', async () => {
    const manager = await smallManager();
    expect((await call(manager, '/registeredUsers', json({ user: '+1' }))).status).toBe(405);
  });

  test('a page of 1,000 out of 200,000 looks at 1,000 registrations wherever it is', async () => {
    const manager = await managerWith({ users: { count: 200_000, firstNumber: '+493000000' } });
    for (const offset of [0, 100_000, 199_000]) {
      const before = manager.control.examined;
      const { items, total } = await page(manager, offset, 1000);
      expect([items.length, total]).toEqual([1000, 200_000]);
      expect(manager.control.examined - before).toBe(1000);
    }
    const { items } = await page(manager, 199_999, 1);
    expect(items[0]?.user).toBe('+493199999');
  });
});

describe('the rest of the interface', () => {
  test('nodes, a node and the status of the servers', async () => {
    const manager = await smallManager();
    expect(await (await call(manager, '/nodes')).json()).toMatchObject({ total: 2, items: [{ id: '1' }, { id: '2' }] });
    expect(await (await call(manager, '/nodes/2')).json()).toEqual({
      id: '2',
      name: 'SBC-2',
      address: '192.0.2.2',
      productType: 'Mediant VE',
      operationState: 'AVAILABLE',
      adminState: 'UNLOCKED',
    });
    expect((await call(manager, '/nodes/3')).status).toBe(404);
    expect(await (await call(manager, '/servers/status')).json()).toMatchObject({ configurator: {}, routers: [{}] });
    expect((await call(manager, '/elsewhere')).status).toBe(404);
    expect((await fetch(`${manager.url}/`)).status).toBe(404);
  });

  test('local users are created, changed and deleted; a doubled name is 409 and a user from elsewhere 403', async () => {
    const manager = await smallManager({ localUsers: [{ name: 'ann', number: '+491', origin: 'LDAP' }] });
    const created = await call(manager, '/users', json({ name: 'bob', number: '+492' }));
    expect(created.status).toBe(201);
    const { id } = (await created.json()) as { id: string };
    expect((await call(manager, '/users', json({ name: 'bob', number: '+493' }))).status).toBe(409);
    expect((await call(manager, '/users', json({ name: 'eve' }))).status).toBe(400);
    const put = (user: string, body: unknown) => call(manager, `/users/${user}`, { ...json(body), method: 'PUT' });
    expect(await (await put(id, { number: '+499' })).json()).toEqual({
      id,
      name: 'bob',
      number: '+499',
      origin: 'LOCAL',
    });
    expect((await put(id, { name: 'ann' })).status).toBe(409);
    expect((await put('u1', { name: 'eve' })).status).toBe(403);
    expect((await put('u9', { name: 'eve' })).status).toBe(404);
    expect((await call(manager, '/users/u1', { method: 'DELETE' })).status).toBe(403);
    expect((await call(manager, `/users/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await (await call(manager, '/users')).json()).toMatchObject({ total: 1, items: [{ name: 'ann' }] });
  });

  test('another base path serves there and nowhere else', async () => {
    const manager = await smallManager({ basePath: '/api/arm' });
    expect((await call(manager, '/nodes')).status).toBe(404);
    const headers = { authorization: `Basic ${btoa('x:y')}` };
    expect((await fetch(`${manager.url}/api/arm/nodes`, { headers })).status).toBe(401);
  });
});
