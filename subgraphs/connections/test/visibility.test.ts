import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MutationName } from './support/answers.js';
import { caller } from './support/identities.js';
import { CANCEL, DELETE, TEST, UPDATE } from './support/operations.js';
import { CONNECTION_FIELDS, CREATE, RUN, TestSubgraph } from './support/subgraph.js';

let subgraph: TestSubgraph;
let connection: string;
let run: string;

const ONE = `query($id: ID!) { audioCodesConnection(id: $id) { ${CONNECTION_FIELDS} createdAt lastSyncRun { id } registeredUsers { totalCount } } }`;

beforeEach(async () => {
  subgraph = await TestSubgraph.open();
  const simulator = await subgraph.simulator({ users: { count: 2, firstNumber: '+4930100' } });
  connection = (await subgraph.connect(simulator)).id;
  run = (await subgraph.sync(connection)).id;
});
afterEach(() => subgraph.close());

describe('reading', () => {
  test.each(['PROVIDER_ADMIN prov', 'RESELLER_ADMIN res', 'CUSTOMER_ADMIN acme', 'OPERATOR acme'])(
    '%s sees all of it',
    async (who) => {
      const [role = '', node = ''] = who.split(' ');
      const { audioCodesConnection: seen } = await subgraph.ask(ONE, { id: connection }, caller(role, node));
      expect(seen).toMatchObject({ username: 'admin', lastSyncRun: { id: run }, registeredUsers: { totalCount: 2 } });
    },
  );

  test('somebody below its node sees its name and whether it is reachable, and nothing else', async () => {
    const site = caller('SITE_ADMIN', 'berlin');
    const { audioCodesConnection: seen } = await subgraph.ask(ONE, { id: connection }, site);
    const { id, name, type, hierarchyNode, reachability, ...rest } = seen;
    expect({ id, name, type, hierarchyNode, reachability }).toEqual({
      id: connection,
      name: 'arm',
      type: 'AudioCodes',
      hierarchyNode: { id: 'acme' },
      reachability: { state: 'REACHABLE', error: null },
    });
    expect(Object.values(rest).filter((value) => value !== null)).toEqual([]);
    expect((await subgraph.ask('query($id: ID!) { syncRun(id: $id) { id } }', { id: run }, site)).syncRun).toBeNull();
    const lists = '{ audioCodesConnections { totalCount edges { node { id } } } syncRuns { edges { node { id } } } }';
    expect(await subgraph.ask(lists, {}, site)).toEqual({
      audioCodesConnections: { totalCount: 0, edges: [] },
      syncRuns: { edges: [] },
    });
  });

  test('another customer sees nothing, whichever way it asks', async () => {
    const foreign = caller('CUSTOMER_ADMIN', 'globex', ['CONNECTIONS']);
    expect((await subgraph.ask(ONE, { id: connection }, foreign)).audioCodesConnection).toBeNull();
    const lists = [
      'query($c: ID) { audioCodesConnections(within: "acme") { totalCount } syncRuns(connection: $c) { edges { cursor } } }',
      'query { audioCodesConnections(within: "res") { totalCount } }',
      'query { audioCodesConnections(within: "no-such-node") { totalCount } }',
      'query($c: ID) { syncRuns(connection: $c) { edges { node { id } } } }',
      'query { syncRuns(connection: "no-such-connection") { edges { node { id } } } }',
    ];
    for (const list of lists) {
      await expect(subgraph.ask(list, { c: connection }, foreign)).rejects.toThrow(
        /There is no such (node|connection)\./,
      );
    }
  });

  test('a partner may not ask, neither for a connection nor for one by reference', async () => {
    const partner = caller('PARTNER', 'acme');
    const { errors } = await subgraph.run(ONE, { id: connection }, partner);
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const joined = await subgraph.run(
      'query($r: [_Any!]!) { _entities(representations: $r) { ... on AudioCodesConnection { name } ... on SyncRun { state } } }',
      {
        r: [
          { __typename: 'AudioCodesConnection', id: connection },
          { __typename: 'SyncRun', id: run },
        ],
      },
      partner,
    );
    expect(joined.data?.['_entities']).toEqual([null, null]);
    expect(joined.errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });
});

describe('writing', () => {
  const mutations: [MutationName, string, () => Record<string, unknown>][] = [
    [
      'createAudioCodesConnection',
      CREATE,
      () => ({ input: { node: 'acme', name: 'n', routingManager: 'h', username: 'u', password: 'p' } }),
    ],
    ['updateAudioCodesConnection', UPDATE, () => ({ input: { id: connection, name: 'n' } })],
    ['deleteAudioCodesConnection', DELETE, () => ({ id: connection })],
    ['testAudioCodesConnection', TEST, () => ({ id: connection })],
    ['runDataSync', RUN, () => ({ input: { dataSync: `${connection}.sync` } })],
    ['cancelSyncRun', CANCEL, () => ({ id: run })],
  ];

  test.each(mutations)('%s is forbidden to a key without the right', async (_name, source, variables) => {
    const { head } = await subgraph.store.log.state();
    const { errors } = await subgraph.run(source, variables(), caller('SITE_ADMIN', 'acme'));
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await subgraph.store.log.state()).head).toBe(head);
  });

  test.each(mutations)('%s is not found by another customer', async (name, source, variables) => {
    const foreign = caller('CUSTOMER_ADMIN', 'globex', ['CONNECTIONS']);
    const data = await subgraph.ask(source, variables(), foreign);
    expect(data[name].userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  test.each(mutations.slice(1))('%s is not found by somebody below the node', async (name, source, variables) => {
    const below = { ...caller('CUSTOMER_ADMIN', 'berlin', ['CONNECTIONS']) };
    const data = await subgraph.ask(source, variables(), below);
    expect(data[name].userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  test('a customer administrator administers connections with that right only', async () => {
    const input = { id: connection, username: 'new' };
    const without = await subgraph.run(UPDATE, { input }, caller('CUSTOMER_ADMIN', 'acme'));
    expect(without.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const { updateAudioCodesConnection } = await subgraph.ask(
      UPDATE,
      { input },
      caller('CUSTOMER_ADMIN', 'acme', ['CONNECTIONS']),
    );
    expect(updateAudioCodesConnection.userErrors).toEqual([]);
  });

  test('whoever may not run syncs may not sync on saving either', async () => {
    const site = caller('SITE_ADMIN', 'acme', ['CONNECTIONS']);
    const { errors } = await subgraph.run(UPDATE, { input: { id: connection, syncOnSave: true } }, site);
    expect(errors?.[0]?.message).toMatch(/run .* syncs/);
  });
});
