/** A number inventory over a store of its own, with a hierarchy to work in and a connections log to write to. */
import { requestHash } from '@numberyard/kit/crypto/id';
import type { Identity } from '@numberyard/kit/identity/identity';
import { createLogger } from '@numberyard/kit/logging/logger';
import type { EventLog } from '@numberyard/kit/log/event';
import { openTestStore, type TestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import type { Store } from '@numberyard/kit/storage/port';
import { entity, event, type RegisteredUserChange } from '@numberyard/schema/events';
import type { ConnectionsInternal, ListedUse } from '@numberyard/schema/internal';
import type { Role } from '@numberyard/schema/rights';
import { execute, parse, subscribe, type ExecutionResult } from 'graphql';
import { createNumberInventory, collections, type NumberInventory } from '../src/main.js';
import { nodes as nodeCollection } from '../src/models/node.js';

export interface Nodes {
  readonly provider: string;
  readonly reseller: string;
  readonly customer: string;
  readonly site: string;
  readonly otherSite: string;
  readonly otherCustomer: string;
}

/** What of a listed use matters to the inventory. */
export type TestUse = Pick<ListedUse, 'ref' | 'number' | 'connection' | 'node'>;

export interface TestInventory {
  readonly inventory: NumberInventory;
  readonly store: Store;
  readonly clock: TestClock;
  readonly nodes: Nodes;
  readonly paths: Readonly<Record<keyof Nodes, string>>;
  /** Store of the connections, whose log the inventory follows. */
  readonly connections: Store;
  /** While it is set, reads of the connections' log wait for it. */
  gate: Promise<void> | undefined;
  /** Reads that wait at the gate. */
  readonly waiting: number;
  /** What the connections' owner lists, in order of number. */
  listing: TestUse[];
  /** Customers whose uses the owner was asked for, once for each page. */
  readonly asked: string[];
  /** What happens, once, just before and just after the owner reads the uses of some numbers. */
  beforeUses: (() => Promise<void>) | undefined;
  afterUses: (() => Promise<void>) | undefined;
  identity(role: Role, node: keyof Nodes, rights?: string[]): Identity;
  /** Run an operation; a provider administrator by default. */
  run(source: string, variables?: Record<string, unknown>, as?: Identity): Promise<ExecutionResult>;
  /** The data of an operation that must have no errors. */
  data<T = Record<string, never>>(source: string, variables?: Record<string, unknown>, as?: Identity): Promise<T>;
  live(
    source: string,
    variables?: Record<string, unknown>,
    as?: Identity,
  ): Promise<AsyncIterableIterator<ExecutionResult>>;
  /** What the connections tell of registered users, in one event; answers its position. */
  tell(run: string, changes: readonly RegisteredUserChange[], node?: keyof Nodes, connection?: string): Promise<number>;
  tellApplying(run: string): Promise<number>;
  /** Put an empty log of another epoch in the place of the connections', while the workers stand still. */
  replaceConnections(): Promise<void>;
  /** Start the inventory's workers anew, as after the end of its process. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openInventory(
  options: { hostile?: number; wrap?: (store: Store) => Store; clock?: TestClock } = {},
): Promise<TestInventory> {
  const clock = options.clock ?? new TestClock();
  const own = await openTestStore({
    name: 'inventory',
    collections,
    clock,
    ...(options.hostile !== undefined && { hostile: options.hostile }),
  });
  let connections = await openTestStore({ name: 'connections', collections: [], clock });
  const keptOpen = (store: Store): Store =>
    new Proxy(store, { get: (target, name) => (name === 'close' ? async () => {} : bound(target, name)) });
  const store = options.wrap ? options.wrap(own.store) : own.store;
  const logger = createLogger('silent');
  /** Those of a customer's nodes. */
  const listed = async (customer: string): Promise<ListedUse[]> => {
    const places = await store.getMany(nodeCollection, [...new Set(test.listing.map(({ node }) => node))]);
    const own = new Set(places.flatMap((node) => (node?.path.split('.').includes(customer) ? [node.id] : [])));
    const shown = { status: 'USED', usage: 'DEVICE', vendor: 'AudioCodes', cluster: null, partition: null } as const;
    return test.listing
      .filter(({ node }) => own.has(node))
      .map((use) => ({ ...use, ...shown, usedBy: `registered user ${use.ref} (SBC) of connection ${use.connection}` }));
  };
  const internal: ConnectionsInternal = {
    async numberUses(customer, after, limit) {
      test.asked.push(customer);
      const from = after === undefined ? 0 : Number(after);
      const all = await listed(customer);
      return {
        items: all.slice(from, from + limit),
        ...(from + limit < all.length && { after: String(from + limit) }),
      };
    },
    async numberUsesOf(customer, wanted) {
      const { beforeUses, afterUses } = test;
      test.beforeUses = undefined;
      await beforeUses?.();
      const uses = (await listed(customer)).filter(({ number }) => wanted.includes(number));
      if (afterUses) test.afterUses = undefined;
      await afterUses?.();
      return uses;
    },
    lastSyncs: () => Promise.resolve([]),
  };
  let waiting = 0;
  const gated = (log: EventLog): EventLog => ({
    state: () => log.state(),
    async read(read) {
      waiting += 1;
      await test.gate;
      waiting -= 1;
      return log.read(read);
    },
    ofEntity: (name, wanted) => log.ofEntity(name, wanted),
    onAppend: (listener) => log.onAppend(listener),
  });
  const create = () =>
    createNumberInventory({
      store: keptOpen(store),
      clock,
      logger,
      connections: { log: gated(connections.store.log), internal },
    });
  let inventory = create();
  const { provider } = await inventory.bootstrap({ providerName: 'Provider' });
  const root: Identity = {
    id: 'root',
    label: 'root',
    role: 'PROVIDER_ADMIN',
    rights: [],
    node: provider,
    path: provider,
  };

  const run: TestInventory['run'] = async (source, variables = {}, as = root) =>
    execute({
      schema: inventory.schema,
      document: parse(source),
      variableValues: variables,
      contextValue: inventory.context({ identity: as, requestId: 'test' }),
    });
  const data = async <T>(source: string, variables: Record<string, unknown> = {}, as: Identity = root) => {
    const result = await run(source, variables, as);
    if (result.errors) throw new Error(result.errors.map((error) => error.message).join('; '));
    return plain(result.data) as T;
  };
  const none = { reseller: '', customer: '', site: '', otherSite: '', otherCustomer: '' };
  const paths = { provider, ...none };
  const nodes = { provider, ...none };
  const make = async (name: keyof Nodes, type: string, parent: keyof Nodes) => {
    const answer = await data<{ createHierarchyNode: { hierarchyNode: { id: string; path: string } } }>(
      `mutation ($input: CreateHierarchyNodeInput!) { createHierarchyNode(input: $input) { hierarchyNode { id path } userErrors { message } } }`,
      { input: { parent: nodes[parent], type, name } },
    );
    nodes[name] = answer.createHierarchyNode.hierarchyNode.id;
    paths[name] = answer.createHierarchyNode.hierarchyNode.path;
  };
  await make('reseller', 'RESELLER', 'provider');
  await make('customer', 'CUSTOMER', 'reseller');
  await make('site', 'SITE', 'customer');
  await make('otherSite', 'SITE', 'customer');
  await make('otherCustomer', 'CUSTOMER', 'reseller');

  const append = async (
    name: 'RegisteredUsersChanged' | 'SyncRunApplying',
    fields: never,
    node: keyof Nodes,
    runId: string,
  ) => {
    const result = await connections.store.commit({
      events: [
        event(name, fields, {
          retention: 'passing',
          entity: entity.run(runId),
          path: paths[node],
          actor: { type: 'WORKER', id: 'sync' },
          time: new Date(clock.now()).toISOString(),
        }),
      ],
    });
    if (!result.ok) throw new Error('the connections log refused an event');
    return Number(result.cursor.split('.')[1]);
  };

  const test: TestInventory = {
    get inventory() {
      return inventory;
    },
    store,
    clock,
    get connections() {
      return connections.store;
    },
    nodes,
    paths,
    gate: undefined,
    get waiting() {
      return waiting;
    },
    listing: [],
    beforeUses: undefined,
    afterUses: undefined,
    asked: [],
    run,
    data,
    identity: (role, node, rights = []) => ({
      id: `key-${requestHash([role, node]).slice(0, 6)}`,
      label: `${role} of ${node}`,
      role,
      rights,
      node: nodes[node],
      path: paths[node],
    }),
    async live(source, variables = {}, as = root) {
      const result = await subscribe({
        schema: inventory.schema,
        document: parse(source),
        variableValues: variables,
        contextValue: inventory.context({ identity: as, requestId: 'test' }),
      });
      if (!(Symbol.asyncIterator in result)) throw Object.assign(new Error('no stream'), { result });
      return result as AsyncIterableIterator<ExecutionResult>;
    },
    tell: (runId, changes, node = 'site', connection = 'arm') =>
      append('RegisteredUsersChanged', { connection, node: nodes[node], run: runId, changes } as never, node, runId),
    tellApplying: (runId) => append('SyncRunApplying', { connection: 'arm', run: runId } as never, 'site', runId),
    async replaceConnections() {
      await connections.close();
      connections = await openTestStore({ name: 'connections', collections: [], clock });
    },
    async restart() {
      await inventory.drain();
      inventory = create();
      await inventory.start();
    },
    async close() {
      await inventory.drain();
      await connections.close();
      await own.close();
    },
  };
  return test;
}

/** Results without null prototypes, so that they compare with literals. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

function bound(target: Store, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

export type { TestStore };
