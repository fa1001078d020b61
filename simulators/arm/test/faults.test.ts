import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { FAULT_KINDS } from '../src/faults.js';
import type { FaultName } from '../src/faults.js';
import type { RoutingManager } from '../src/routing-manager.js';
import { call, CREDENTIALS, json, listing, page, smallManager } from './manager.js';

const users = async (manager: RoutingManager, offset: number) =>
  (await page(manager, offset)).items.map(({ user }) => user);

/** One proof for every row of the table; the type holds the two together. */
const PROOFS: Record<FaultName, (manager: RoutingManager) => Promise<void>> = {
  'failed-page': async (manager) => {
    manager.control.fault({ kind: 'failed-page', onPage: 2, times: 2, status: 502 });
    expect(await users(manager, 0)).toHaveLength(10);
    for (const status of [502, 502, 200])
      expect((await call(manager, '/registeredUsers?offset=10&limit=10')).status).toBe(status);
    manager.control.fault({ kind: 'failed-page' });
    await expect(page(manager, 0)).rejects.toThrow('status 500');
  },
  'cut-page': async (manager) => {
    manager.control.fault({ kind: 'cut-page', onPage: 2, times: 1 });
    const response = await call(manager, '/registeredUsers?offset=10&limit=10');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(await users(manager, 10)).toHaveLength(10);
  },
  'repeated-page': async (manager) => {
    manager.control.fault({ kind: 'repeated-page', onPage: 2 });
    expect(await users(manager, 10)).toEqual(await users(manager, 0));
    expect(await users(manager, 20)).toHaveLength(5);
  },
  'short-page': async (manager) => {
    manager.control.fault({ kind: 'short-page', onPage: 1, items: 3 });
    expect(await page(manager, 0)).toMatchObject({ total: 25, items: { length: 3 } });
  },
  'empty-list': async (manager) => {
    expect(await listing(manager)).toHaveLength(25);
    manager.control.fault({ kind: 'empty-list', times: 1 });
    expect(await page(manager, 0)).toMatchObject({ total: 0, items: [] });
    expect(await page(manager, 0)).toMatchObject({ total: 25 });
  },
  'inconsistent-total': async (manager) => {
    manager.control.fault({ kind: 'inconsistent-total', onPage: 2, by: -5 });
    expect([(await page(manager, 0)).total, (await page(manager, 10)).total]).toEqual([25, 20]);
  },
  'mutating-list': async (manager) => {
    manager.control.fault({ kind: 'mutating-list', onPage: 1, times: 1, count: 4 });
    expect((await users(manager, 0)).at(-1)).toBe('+4930109');
    expect((await users(manager, 10)).at(0)).toBe('+4930114');
    manager.control.fault({ kind: 'mutating-list', onPage: 1, times: 1, count: 4, change: 'return' });
    const seen = await listing(manager);
    expect(new Set(seen).size).toBe(seen.length - 4);
  },
  flap: async (manager) => {
    manager.control.fault({ kind: 'flap', number: '+4930111' });
    expect(await listing(manager)).not.toContain('+4930111');
    expect((await call(manager, '/registeredUsers/r12')).status).toBe(200);
    expect(await listing(manager)).toContain('+4930111');
    manager.control.fault({ kind: 'flap', number: '+4930111', reads: true, times: 2 });
    expect(await listing(manager)).not.toContain('+4930111');
    expect((await call(manager, '/registeredUsers/r12')).status).toBe(404);
    expect(await listing(manager)).not.toContain('+4930111');
    expect(await listing(manager)).toContain('+4930111');
  },
  'feature-disabled': async (manager) => {
    const id = manager.control.fault({ kind: 'feature-disabled' });
    expect(await page(manager, 0)).toMatchObject({ total: 0, items: [] });
    manager.control.faults.off(id);
    manager.control.fault({ kind: 'feature-disabled', answer: '404' });
    await expect(page(manager, 0)).rejects.toThrow('status 404');
  },
  'expired-session': async (manager) => {
    const login = await fetch(`${manager.url}/ARM/v1/login`, json(CREDENTIALS));
    const { token } = (await login.json()) as { token: string };
    manager.control.fault({ kind: 'expired-session', onPage: 2, times: 1 });
    const headers = { authorization: `Bearer ${token}` };
    const statuses: number[] = [];
    for (const offset of [0, 10, 10])
      statuses.push((await call(manager, `/registeredUsers?offset=${offset}&limit=10`, { headers })).status);
    expect(statuses).toEqual([200, 401, 401]);
  },
  unauthorized: async (manager) => {
    manager.control.fault({ kind: 'unauthorized', onPage: 2, times: 1 });
    expect(await users(manager, 0)).toHaveLength(10);
    await expect(page(manager, 10)).rejects.toThrow('status 401');
    expect(await users(manager, 10)).toHaveLength(10);
  },
  forbidden: async (manager) => {
    manager.control.fault({ kind: 'forbidden' });
    expect((await call(manager, '/servers/status')).status).toBe(403);
  },
  unavailable: async (manager) => {
    manager.control.fault({ kind: 'unavailable', retryAfter: 5, times: 1 });
    const response = await call(manager, '/nodes');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await call(manager, '/nodes')).status).toBe(200);
  },
  throttled: async (manager) => {
    manager.control.fault({ kind: 'throttled' });
    const response = await call(manager, '/nodes');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
  },
  redirect: async (manager) => {
    manager.control.fault({ kind: 'redirect', location: 'http://elsewhere.example/' });
    const response = await call(manager, '/nodes');
    expect([response.status, response.headers.get('location')]).toEqual([302, 'http://elsewhere.example/']);
  },
  'slow-answer': async (manager) => {
    manager.control.fault({ kind: 'slow-answer', milliseconds: 60_000, times: 1 });
    const given = new AbortController();
    const late = call(manager, '/nodes', { signal: given.signal });
    expect((await call(manager, '/nodes')).status).toBe(200);
    given.abort();
    await expect(late).rejects.toThrow('aborted');
  },
  'slow-filter': async (manager) => {
    manager.control.fault({ kind: 'slow-filter', milliseconds: 60_000 });
    expect(await listing(manager)).toHaveLength(25);
    const given = new AbortController();
    const late = call(manager, '/registeredUsers?state=ONLINE', { signal: given.signal });
    expect((await call(manager, '/nodes')).status).toBe(200);
    given.abort();
    await expect(late).rejects.toThrow('aborted');
  },
  'slow-drip': async (manager) => {
    manager.control.fault({ kind: 'slow-drip', bytes: 500, milliseconds: 1 });
    const response = await call(manager, '/registeredUsers?limit=10');
    let pieces = 0;
    for await (const piece of response.body ?? []) pieces += piece.length > 0 ? 1 : 0;
    expect(pieces).toBeGreaterThan(1);
    expect(await users(manager, 20)).toHaveLength(5);
  },
  'bad-json': async (manager) => {
    manager.control.fault({ kind: 'bad-json', onPage: 1 });
    const response = await call(manager, '/registeredUsers');
    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow(SyntaxError);
  },
  'huge-field': async (manager) => {
    manager.control.fault({ kind: 'huge-field', times: 1 });
    const { items } = await page(manager, 0);
    expect(items[0]?.contact).toHaveLength(10_000_000);
    expect(items).toHaveLength(10);
  },
  'endless-answer': async (manager) => {
    manager.control.fault({ kind: 'endless-answer', times: 1 });
    const { body } = await call(manager, '/registeredUsers?offset=0&limit=10');
    let read = 0;
    for await (const piece of body ?? []) {
      read += (piece as Uint8Array).length;
      if (read > 5_000_000) break;
    }
    expect(read).toBeGreaterThan(5_000_000);
  },
  'endless-list': async (manager) => {
    manager.control.fault({ kind: 'endless-list' });
    expect(await page(manager, 20)).toMatchObject({ total: 40, items: { length: 5 } });
    expect(await users(manager, 25)).toEqual(await users(manager, 0));
    expect(await page(manager, 1_000)).toMatchObject({ total: 1_020, items: { length: 10 } });
  },
  'wrong-shape': async (manager) => {
    manager.control.fault({ kind: 'wrong-shape', field: 'state', times: 1 });
    const { items } = await page(manager, 0);
    expect(items.map(({ state }) => typeof state)).toEqual(['object', ...Array<string>(9).fill('string')]);
  },
};

test('the README tells of every kind of fault, in its sentence', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const cells = (line: string) => line.split('|').map((cell) => cell.trim());
  const rows = readme.split('\n').map(cells);
  for (const [kind, { sentence }] of Object.entries(FAULT_KINDS))
    expect(rows.find(([, name]) => name === `\`${kind}\``)?.[2], kind).toBe(sentence);
});

describe('faults', () => {
  test.each(Object.keys(FAULT_KINDS) as FaultName[])('%s does what its sentence says', async (kind) => {
    const manager = await smallManager();
    await PROOFS[kind](manager);
    manager.control.clearFaults();
    expect(manager.control.faults.list()).toEqual([]);
  });

  test('a fault that strikes listings leaves every other call alone', async () => {
    const manager = await smallManager();
    manager.control.fault({ kind: 'failed-page' });
    for (const path of ['/nodes', '/registeredUsers/r1', '/users', '/servers/status'])
      expect((await call(manager, path)).status, path).toBe(200);
  });

  test('a fault that is over strikes nobody and is listed no more', async () => {
    const manager = await smallManager();
    manager.control.fault({ kind: 'throttled', times: 2 });
    await call(manager, '/nodes');
    expect(manager.control.faults.list()).toMatchObject([{ kind: 'throttled', times: 2, struck: 1 }]);
    await call(manager, '/nodes');
    expect(manager.control.faults.list()).toEqual([]);
  });

  test.each([
    [{ kind: 'no-such' }, 'kind must be one of'],
    [{ kind: 'cut-page', onPage: 0 }, 'onPage must be a whole number from 1'],
    [{ kind: 'cut-page', items: 3 }, 'cut-page knows no items'],
    [{ kind: 'failed-page', status: 200 }, 'status must be from 400 to 599'],
    [{ kind: 'feature-disabled', answer: 'none' }, 'answer must be one of empty, 404'],
    ['cut-page', 'kind must be one of'],
  ])('%j is refused with a sentence', async (fault, sentence) => {
    const manager = await smallManager();
    const response = await fetch(`${manager.url}/control/faults`, json(fault));
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toContain(sentence);
  });
});
