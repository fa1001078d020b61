import { afterEach, expect, test } from 'vitest';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import { CREATE, TestSubgraph } from './support/subgraph.js';

let subgraph: TestSubgraph;
afterEach(() => subgraph.close());

test('when the log of number-inventory is another one, its nodes are taken from its listing and runs are announced again', async () => {
  subgraph = await TestSubgraph.open();
  const simulator = await subgraph.simulator({ users: { count: 10, firstNumber: '+4930100' } });
  const connection = (await subgraph.connect(simulator)).id;
  await subgraph.inventory.fallSilent();
  const { id } = await subgraph.runDataSync(connection);
  await subgraph.until('the run to wait', async () => (await subgraph.syncRun(id)).state === 'APPLYING');
  await subgraph.replaceInventory([
    { id: 'oslo', type: 'SITE', name: 'Oslo', path: 'prov.res.acme.oslo', numberManagement: null, retired: false },
  ]);
  expect(await subgraph.ended(id)).toMatchObject({ state: 'SUCCEEDED' });
  await subgraph.until('the new node', () => subgraph.store.get(mirroredNodes, 'oslo'));
  const input = { node: 'oslo', name: 'oslo', routingManager: 'arm.example', username: 'u', password: 'p' };
  expect((await subgraph.ask(CREATE, { input })).createAudioCodesConnection.userErrors).toEqual([]);
});
