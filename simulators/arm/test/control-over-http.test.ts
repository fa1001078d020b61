import { expect, test } from 'vitest';
import { FAULT_KINDS } from '../src/faults.js';
import type { RoutingManager } from '../src/routing-manager.js';
import { json, listing, managerWith, page, smallManager } from './manager.js';

async function control(manager: RoutingManager, command: string, body?: unknown): Promise<unknown> {
  const [method, path] = command.split(' ');
  const response = await fetch(`${manager.url}/control${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (response.status === 204) return undefined;
  const answered: unknown = await response.json();
  if (response.status !== 200) throw new Error(`${response.status} ${(answered as { message: string }).message}`);
  return answered;
}

test('without the option there is no control interface', async () => {
  const manager = await managerWith();
  expect((await fetch(`${manager.url}/control`)).status).toBe(404);
});

test('it lists its commands and the kinds of faults with their sentences', async () => {
  const manager = await smallManager();
  expect(await control(manager, 'GET ')).toMatchObject({ 'POST /control/offline': expect.any(String) as string });
  expect(await control(manager, 'GET /faults')).toMatchObject({
    kinds: { length: Object.keys(FAULT_KINDS).length },
    on: [],
  });
});

test('devices register, go offline, drop and come back by number and by id', async () => {
  const manager = await smallManager();
  expect(await control(manager, 'POST /register', { number: '+4977', nodeId: '2' })).toEqual({ id: 'r26' });
  expect(await control(manager, 'POST /offline', { number: '+4977' })).toEqual({ records: 1 });
  expect((await page(manager, 25)).items[0]).toMatchObject({ user: '+4977', nodeName: 'SBC-2', state: 'OFFLINE' });
  expect(await control(manager, 'POST /drop', { id: 'r26' })).toEqual({ records: 1 });
  expect((await page(manager, 0)).total).toBe(25);
  expect(await control(manager, 'POST /online', { number: '+4977' })).toEqual({ records: 1 });
  expect(await control(manager, 'GET /devices?offset=25')).toMatchObject({ total: 26, items: [{ user: '+4977' }] });
  await expect(control(manager, 'POST /drop', { number: '+1' })).rejects.toThrow('400 There is no such device.');
  await expect(control(manager, 'POST /drop', {})).rejects.toThrow('400 number must be a text.');
});

test('a seed adds a block of numbers and drop-all empties the listing', async () => {
  const manager = await smallManager();
  expect(await control(manager, 'POST /seed', { count: 100, firstNumber: '+4420', nodeId: '1' })).toEqual({
    total: 125,
  });
  await expect(control(manager, 'POST /seed', { count: 1, firstNumber: 'x' })).rejects.toThrow('400 firstNumber');
  await expect(control(manager, 'POST /seed', { count: 1, firstNumber: '1', nodeId: '7' })).rejects.toThrow(
    'no node 7',
  );
  await control(manager, 'POST /drop-all');
  expect(await listing(manager)).toEqual([]);
});

test('nodes are locked and unlocked', async () => {
  const manager = await smallManager();
  const locked = await control(manager, 'POST /nodes', { id: '1', change: 'lock', listing: 'missing' });
  expect(locked).toMatchObject({ adminState: 'LOCKED' });
  expect(await listing(manager)).toHaveLength(12);
  expect(await control(manager, 'GET /nodes')).toMatchObject([{ adminState: 'LOCKED' }, { adminState: 'UNLOCKED' }]);
  await control(manager, 'POST /nodes', { id: '1', change: 'unlock' });
  expect(await listing(manager)).toHaveLength(25);
  await expect(control(manager, 'POST /nodes', { id: '1', change: 'explode' })).rejects.toThrow(
    'change must be one of',
  );
});

test('faults are switched on, listed, and switched off one by one or all together', async () => {
  const manager = await smallManager();
  expect(await control(manager, 'POST /faults', { kind: 'failed-page', onPage: 2 })).toEqual({ id: 1 });
  expect(await control(manager, 'POST /faults', { kind: 'flap', number: '+4930100' })).toEqual({ id: 2 });
  expect(await control(manager, 'GET /faults')).toMatchObject({ on: [{ id: 1 }, { id: 2, times: 1 }] });
  await expect(page(manager, 10)).rejects.toThrow('status 500');
  await control(manager, 'DELETE /faults/1');
  await expect(control(manager, 'DELETE /faults/1')).rejects.toThrow('404');
  expect((await page(manager, 10)).items).toHaveLength(10);
  await control(manager, 'DELETE /faults');
  expect(manager.control.faults.list()).toEqual([]);
});

test('coming and going is started and stopped, and a rate that is none is refused', async () => {
  const running = new Set<() => void>();
  const every = (_milliseconds: number, callback: () => void) => {
    running.add(callback);
    return () => void running.delete(callback);
  };
  const manager = await smallManager({ every });
  await expect(control(manager, 'POST /coming-and-going', { perMinute: 0 })).rejects.toThrow('400 perMinute');
  await control(manager, 'POST /coming-and-going', { perMinute: 60, seed: 3 });
  await control(manager, 'POST /coming-and-going', { perMinute: 30 });
  expect(running.size).toBe(1);
  await control(manager, 'DELETE /coming-and-going');
  expect(running.size).toBe(0);
});

test('a body over 64 KB is refused and an unknown command is 404', async () => {
  const manager = await smallManager();
  const long = await fetch(`${manager.url}/control/register`, json({ number: 'x'.repeat(70_000) }));
  expect(long.status).toBe(413);
  await expect(control(manager, 'POST /nothing')).rejects.toThrow('404');
  await expect(control(manager, 'POST /certificate')).rejects.toThrow(
    '400 The routing manager was started without TLS.',
  );
});
