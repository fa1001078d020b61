import type { Store } from '@numberyard/kit/storage/port';
import { afterEach, expect, test } from 'vitest';
import { TestSubgraph } from './support/subgraph.js';

let subgraph: TestSubgraph;
afterEach(() => subgraph.close());

/** Calls of the store that read documents, by name. */
function counting(calls: string[]): (store: Store) => Store {
  return (store) => ({
    ...store,
    get: (...args) => (calls.push('get'), store.get(...args)),
    getMany: (...args) => (calls.push('getMany'), store.getMany(...args)),
    find: (...args) => (calls.push('find'), store.find(...args)),
    counts: (...args) => (calls.push('counts'), store.counts(...args)),
  });
}

async function prepare(calls: string[]): Promise<string[]> {
  subgraph = await TestSubgraph.open({ wrap: counting(calls) });
  const simulator = await subgraph.simulator();
  const ids: string[] = [];
  for (let index = 0; index < 12; index += 1) {
    const { id } = await subgraph.connect(simulator, { name: `c${index}` });
    await subgraph.sync(id);
    ids.push(id);
  }
  // Nothing but the operation may read from here on.
  await subgraph.connections.drain();
  calls.length = 0;
  return ids;
}

test('a list of connections with items and last runs costs a fixed number of store calls', async () => {
  const calls: string[] = [];
  await prepare(calls);
  const { audioCodesConnections } = await subgraph.ask(`{
    audioCodesConnections(first: 50) {
      edges { node { name dataSyncs { name } schedule { cron } lastSyncRun { state issueCount effect { numbersUsed } connection { name } } } }
    }
  }`);
  expect(audioCodesConnections.edges).toHaveLength(12);
  expect(calls.sort()).toEqual(['find', 'getMany', 'getMany', 'getMany', 'getMany', 'getMany']);
});

test('entities joined from another subgraph are loaded together', async () => {
  const calls: string[] = [];
  const ids = await prepare(calls);
  const { _entities } = await subgraph.ask(
    `query($r: [_Any!]!) { _entities(representations: $r) { ... on AudioCodesConnection { name lastSyncRun { state } } } }`,
    { r: ids.map((id) => ({ __typename: 'AudioCodesConnection', id })) },
  );
  expect(_entities).toHaveLength(12);
  expect(calls).toEqual(['getMany', 'getMany']);
});
