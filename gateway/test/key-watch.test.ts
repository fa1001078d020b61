import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Identity } from '@numberyard/kit/identity/identity';
import { KeyVerifier } from '../src/identity/key-verifier.js';
import { KeyWatch } from '../src/identity/key-watch.js';
import { identity } from './world/gateway-world.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

class Holder {
  readonly heard: string[] = [];
  keyEnded(reason: string): void {
    this.heard.push(reason);
  }
  keyUnverifiable(): void {
    this.heard.push('unverifiable');
  }
}

function watched(authenticate: () => Promise<Identity | undefined>) {
  const calls = { count: 0 };
  const verifier = new KeyVerifier(async () => {
    calls.count += 1;
    return authenticate();
  }, 3_000);
  return { calls, verifier, watch: new KeyWatch(verifier, 3_000, silent) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a key is verified once per interval, whoever many hold it, and not at all once nobody does', async () => {
  const anna = identity('anna', 'root');
  const { calls, watch } = watched(async () => anna);
  const holders = [new Holder(), new Holder(), new Holder()];
  const leave = holders.map((holder) => watch.add('Bearer anna', anna, holder));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(calls.count).toBe(1);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(calls.count).toBe(2);
  for (const off of leave) off();
  await vi.advanceTimersByTimeAsync(9_000);
  expect(calls.count).toBe(2);
  expect(holders.flatMap(({ heard }) => heard)).toEqual([]);
  watch.stop();
});

test('a revoked key is told to all its holders within five seconds', async () => {
  const anna = identity('anna', 'root');
  let known: Identity | undefined = anna;
  const { watch } = watched(async () => known);
  const holders = [new Holder(), new Holder()];
  for (const holder of holders) watch.add('Bearer anna', anna, holder);
  await vi.advanceTimersByTimeAsync(4_000);
  known = undefined;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(holders.map(({ heard }) => heard[0])).toEqual(Array(2).fill('The key is revoked or expired.'));
  watch.stop();
});

test('a key whose rights changed is told to those who came before the change only', async () => {
  const before = identity('anna', 'root');
  const after = identity('anna', 'root.site');
  const { watch } = watched(async () => after);
  const old = new Holder();
  const young = new Holder();
  watch.add('Bearer anna', before, old);
  watch.add('Bearer anna', after, young);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(old.heard).toEqual(['The rights of the key changed.']);
  expect(young.heard).toEqual([]);
  watch.stop();
});

test('a verification that fails is no revocation, until it has failed five times in a row', async () => {
  const anna = identity('anna', 'root');
  const { watch } = watched(() => Promise.reject(new Error('the store is away')));
  const holder = new Holder();
  watch.add('Bearer anna', anna, holder);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(holder.heard).toEqual([]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(holder.heard).toEqual(['unverifiable']);
  watch.stop();
});

test('a verified key is believed for its age and no longer; a refused one is asked about each time', async () => {
  vi.useRealTimers();
  const anna = identity('anna', 'root');
  let known: Identity | undefined = anna;
  let calls = 0;
  const verifier = new KeyVerifier(async () => {
    calls += 1;
    return known;
  }, 60_000);
  const together = await Promise.all([verifier.identify('Bearer a'), verifier.identify('Bearer a')]);
  expect(together).toEqual([anna, anna]);
  expect(await verifier.identify('Bearer a')).toBe(anna);
  expect(calls).toBe(1);
  known = undefined;
  expect(await verifier.verify('Bearer a')).toBeUndefined();
  expect(await verifier.identify('Bearer a')).toBeUndefined();
  expect(calls).toBe(3);
});
