import { systemClock } from '@numberyard/kit/clock/system-clock';
import { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import { followHierarchy, rebuildMirror, type ListedNode, type ListNodes } from '@numberyard/kit/hierarchy/mirror';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import type { NewEvent } from '@numberyard/kit/log/event';
import { createLogger } from '@numberyard/kit/logging/logger';
import { save, type Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { Leases } from '@numberyard/kit/workers/leases';
import { afterEach, describe, expect, it } from 'vitest';

const logger = createLogger('silent');

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(name: string): Promise<Store> {
  const { store, close } = await openTestStore({ name, collections: [mirroredNodes, ...workerCollections] });
  closers.push(close);
  return store;
}

function node(path: string, name = path, retired = false): ListedNode {
  return { id: path.split('.').at(-1) ?? path, type: 'SITE', name, path, retired };
}

/** An owner that lists `size` nodes at a time. */
function listing(nodes: readonly ListedNode[], size: number): ListNodes {
  return async (after) => {
    const rest = nodes.filter(({ path }) => after === undefined || path > after);
    const items = rest.slice(0, size);
    return { items, ...(rest.length > size && { after: items.at(-1)?.path ?? '' }) };
  };
}

async function stepOn(store: Store, signal: AbortSignal = new AbortController().signal) {
  const lease = await new Leases({ store, clock: systemClock, logger }).acquire('test');
  if (!lease) throw new Error('the lease was not given');
  return { lease, signal };
}

async function mirrored(store: Store): Promise<Record<string, string>> {
  const { items } = await store.find(mirroredNodes, { key: 'byPath', limit: 1_000 });
  return Object.fromEntries(items.map(({ path, name, retired }) => [path, retired ? `${name} (retired)` : name]));
}

const put = (store: Store, ...nodes: ListedNode[]) =>
  store.commit({ save: nodes.map((one) => save(mirroredNodes, { ...one, version: 0 })) });

function announced(type: string, fields: ListedNode): NewEvent {
  return {
    type,
    retention: 'history',
    entity: `HierarchyNode:${fields.id}`,
    path: fields.path,
    actor: { type: 'WORKER', id: 'test' },
    time: '2026-01-01T00:00:00.000Z',
    fields: { ...fields },
  };
}

describe('mirroring the hierarchy anew', () => {
  it.each([1, 2, 3, 100])('adds, renames, retires and removes as listed, %i nodes at a time', async (size) => {
    const store = await open('own');
    // Before the first, between two, and after the last of what is listed.
    await put(store, node('a.0'), node('a.1', 'old'), node('a.15'), node('a.3'), node('z'));
    const listed = [node('a.1', 'new'), node('a.2'), node('a.3', 'a.3', true)];
    await rebuildMirror(store, listing(listed, size), await stepOn(store));
    expect(await mirrored(store)).toEqual({ 'a.1': 'new', 'a.2': 'a.2', 'a.3': 'a.3 (retired)' });
  });

  it('leaves nothing of an owner that has no nodes', async () => {
    const store = await open('own');
    await put(store, node('a'), node('a.1'));
    await rebuildMirror(store, listing([], 10), await stepOn(store));
    expect(await mirrored(store)).toEqual({});
  });

  it('writes nothing where nothing differs', async () => {
    const store = await open('own');
    await put(store, node('a'), node('a.1'));
    await rebuildMirror(store, listing([node('a'), node('a.1')], 1), await stepOn(store));
    expect((await store.getMany(mirroredNodes, ['a', '1'])).map((doc) => doc?.version)).toEqual([1, 1]);
  });

  it('is not taken for finished when it was stopped in the middle', async () => {
    const store = await open('own');
    const stopped = rebuildMirror(store, listing([node('a')], 1), await stepOn(store, AbortSignal.abort()));
    await expect(stopped).rejects.toThrow(/stopped/);
  });
});

describe('the mirrored hierarchy', () => {
  async function setUp() {
    const [owner, own] = [await open('owner'), await open('own')];
    const follower = followHierarchy({
      source: 'owner',
      log: owner.log,
      store: own,
      leases: new Leases({ store: own, clock: systemClock, logger }),
      clock: systemClock,
      logger,
      listNodes: listing([], 10),
    });
    closers.push(() => follower.drain());
    follower.start();
    return { owner, own, follower, hierarchy: new Hierarchy(own, follower) };
  }

  const caller = { id: 'k', label: '', role: 'SITE_ADMIN', rights: [], node: '1', path: 'a.1' };

  it('keeps the last of several changes that come together', async () => {
    const { owner, own, follower } = await setUp();
    await owner.commit({
      events: [
        announced('HierarchyNodeCreated', node('a', 'first')),
        announced('HierarchyNodeRenamed', node('a', 'second')),
        announced('HierarchyNodeRetired', node('a', 'second', true)),
        announced('MacroSet', node('b')),
      ],
    });
    expect(await follower.reach(10_000)).toBe(true);
    expect(await mirrored(own)).toEqual({ a: 'second (retired)' });
  });

  it('knows a node that was made a moment ago', async () => {
    const { owner, hierarchy } = await setUp();
    await owner.commit({ events: [announced('HierarchyNodeCreated', node('a.1'))] });
    expect((await hierarchy.node('1'))?.path).toBe('a.1');
  });

  it('shows a caller its own node and those below, and none above, beside or of a similar name', async () => {
    const { owner, hierarchy } = await setUp();
    const nodes = ['a', 'a.1', 'a.1.x', 'a.10', 'a.2'].map((path) => node(path));
    await owner.commit({ events: nodes.map((one) => announced('HierarchyNodeCreated', one)) });
    const visible = await Promise.all(nodes.map(({ id }) => hierarchy.visibleNode(id, caller)));
    expect(visible.map((one) => one?.path)).toEqual([undefined, 'a.1', 'a.1.x', undefined, undefined]);
  });
});
