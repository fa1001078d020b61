/** The subgraph on a store of its own, with a stand-in for number-inventory, asked the way the gateway asks it. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '@numberyard/kit/clock/clock';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { SecretBox } from '@numberyard/kit/crypto/secret-box';
import type { Identity } from '@numberyard/kit/identity/identity';
import { createLogger } from '@numberyard/kit/logging/logger';
import { StoreError, type Store } from '@numberyard/kit/storage/port';
import { openTestStore, type TestStore } from '@numberyard/kit/testing/store';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { startRoutingManager, type RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { HierarchyNodeFields } from '@numberyard/schema/events';
import { graphql, parse, subscribe } from 'graphql';
import { collections, createConnections, type Connections, type ConnectionsParts } from '../../src/main.js';
import type { Answers, ConnectionAnswer, LiveAnswer, RunAnswer } from './answers.js';
import { provider } from './identities.js';
import { NumberInventoryStub } from './number-inventory.js';

export const PASSWORD = 'tr0ub4dor-and-3';

export interface SubgraphOptions {
  /** The store to stand on, instead of a new one. */
  readonly test?: TestStore;
  readonly clock?: Clock;
  /** Seed of a hostile store. */
  readonly hostile?: number;
  readonly start?: boolean;
  /** How Routing Managers are called, beside what every test needs. */
  readonly outgoing?: Partial<ConnectionsParts['outgoing']>;
  /** Wrap the store, e.g. to count calls. */
  readonly wrap?: (store: Store) => Store;
}

export class TestSubgraph {
  inventory: NumberInventoryStub;
  readonly clock: Clock;
  readonly logLines: string[] = [];
  readonly #test: TestStore;
  readonly #secretBox = new SecretBox(randomBytes(32));
  readonly #wrap: (store: Store) => Store;
  readonly #outgoing: SubgraphOptions['outgoing'];
  /** Switched on while a process is dead: its store answers nobody. */
  #dead: { now: boolean } = { now: false };
  connections: Connections;
  #simulators: RoutingManager[] = [];

  private constructor(test: TestStore, inventory: NumberInventoryStub, options: SubgraphOptions) {
    this.#test = test;
    this.inventory = inventory;
    this.clock = options.clock ?? systemClock;
    this.#wrap = options.wrap ?? ((store) => store);
    this.#outgoing = options.outgoing;
    this.connections = this.#create();
  }

  static async open(options: SubgraphOptions = {}): Promise<TestSubgraph> {
    const { clock = systemClock, hostile } = options;
    // It is the only process on its store, so that one which takes the place of a killed one goes on at once.
    const seed = { exclusive: true, ...(hostile !== undefined && { hostile }) };
    const test = options.test ?? (await openTestStore({ name: 'connections', collections, clock, ...seed }));
    const subgraph = new TestSubgraph(test, await NumberInventoryStub.open(), options);
    if (options.start ?? true) await subgraph.start();
    return subgraph;
  }

  get store(): Store {
    return this.#test.store;
  }

  async start(): Promise<void> {
    await this.connections.start();
    this.inventory.keepAnswering(this.store.log);
  }

  #create(): Connections {
    const dead = { now: false };
    this.#dead = dead;
    return createConnections({
      store: this.#wrap(mortal(boundStore(this.#test.store), dead)),
      clock: this.clock,
      logger: createLogger('trace', { write: (line: string) => void this.logLines.push(line) }),
      secretBox: this.#secretBox,
      numberInventory: this.inventory,
      outgoing: { allowLoopback: true, allowPlainHttp: true, tries: 2, random: () => 0.99, ...this.#outgoing },
    });
  }

  /** Kill the process as it stands: nothing it does from now on reaches the store. A new one starts on what it left. */
  async killAndStart(): Promise<void> {
    const dead = this.connections;
    this.#dead.now = true;
    this.connections = this.#create();
    await this.connections.start();
    await dead.drain();
  }

  /** End the workers in an orderly way and put a new subgraph on the same store. */
  async restart(): Promise<void> {
    await this.connections.drain();
    this.connections = this.#create();
    await this.connections.start();
  }

  /** Put another number-inventory in the place of the one there is, as after a backup was restored. */
  async replaceInventory(nodes: readonly HierarchyNodeFields[]): Promise<void> {
    await this.connections.drain();
    await this.inventory.close();
    this.inventory = await NumberInventoryStub.restored(nodes);
    await this.inventory.skip(this.store.log);
    this.connections = this.#create();
    await this.start();
  }

  /** A simulated Routing Manager that is closed with the subgraph. */
  async simulator(options: Partial<Parameters<typeof startRoutingManager>[0]> = {}): Promise<RoutingManager> {
    const simulator = await startRoutingManager({ username: 'admin', password: PASSWORD, ...options });
    this.#simulators.push(simulator);
    return simulator;
  }

  /** Data of an operation that must go through. */
  async ask(source: string, variables: Record<string, unknown> = {}, identity: Identity = provider): Promise<Answers> {
    const { data, errors } = await this.run(source, variables, identity);
    if (errors) throw new AggregateError(errors, errors.map(({ message }) => message).join('; '));
    return graphqlData<Answers>(data);
  }

  run(source: string, variables: Record<string, unknown> = {}, identity: Identity = provider) {
    const contextValue = this.connections.context({ identity, requestId: 'test' });
    return graphql({ schema: this.connections.schema, source, variableValues: variables, contextValue });
  }

  /** Payloads of a subscription. @throws what it is refused with */
  async live(source: string, variables: Record<string, unknown> = {}, identity: Identity = provider) {
    const contextValue = this.connections.context({ identity, requestId: 'test' });
    const result = await subscribe({
      schema: this.connections.schema,
      document: parse(source),
      variableValues: variables,
      contextValue,
    });
    if ('errors' in result) throw result.errors?.[0] ?? new Error('refused');
    return graphqlData<AsyncGenerator<LiveAnswer, void, void>>(result);
  }

  /** A connection to a simulator. */
  async connect(
    simulator: Pick<RoutingManager, 'address'>,
    input: Record<string, unknown> = {},
  ): Promise<ConnectionAnswer> {
    const { createAudioCodesConnection: payload } = await this.ask(CREATE, {
      input: {
        node: 'acme',
        name: 'arm',
        routingManager: simulator.address,
        username: 'admin',
        password: PASSWORD,
        ...input,
      },
    });
    if (payload.userErrors.length > 0) throw new Error(JSON.stringify(payload.userErrors));
    return payload.connection;
  }

  /** Queue a run of a data sync. */
  async runDataSync(connection: string, kind: 'sync' | 'purge' = 'sync'): Promise<RunAnswer> {
    const { runDataSync } = await this.ask(RUN, { input: { dataSync: `${connection}.${kind}` } });
    if (runDataSync.userErrors.length > 0) throw new Error(JSON.stringify(runDataSync.userErrors));
    return runDataSync.syncRun;
  }

  /** Run a data sync to its end. */
  async sync(connection: string, kind: 'sync' | 'purge' = 'sync'): Promise<RunAnswer> {
    return this.ended((await this.runDataSync(connection, kind)).id);
  }

  syncRun(id: string): Promise<RunAnswer> {
    return this.ask(`query($id: ID!) { syncRun(id: $id) { ${RUN_FIELDS} } }`, { id }).then(({ syncRun }) => syncRun);
  }

  ended(id: string): Promise<RunAnswer> {
    return waitUntil(`run ${id} to end`, async () => {
      const run = await this.syncRun(id);
      return run.finishedAt === null ? undefined : run;
    });
  }

  until<T>(what: string, condition: () => Promise<T>): Promise<NonNullable<T>> {
    return waitUntil(what, condition);
  }

  async close(): Promise<void> {
    await this.inventory.fallSilent();
    await this.connections.drain();
    for (const simulator of this.#simulators) await simulator.close();
    await this.inventory.close();
    await this.#test.close();
  }
}

/** What GraphQL hands out untyped, as the operation's author knows it. */
function graphqlData<T>(data: unknown): T {
  return data as T;
}

/** A store whose methods can be copied with a spread. */
function boundStore(store: Store): Store {
  return {
    name: store.name,
    exclusive: store.exclusive,
    log: store.log,
    get: (collection, id) => store.get(collection, id),
    getMany: (collection, ids) => store.getMany(collection, ids),
    getByKey: (collection, key, values) => store.getByKey(collection, key, values),
    find: (collection, find) => store.find(collection, find),
    counts: (collection, counter, group) => store.counts(collection, counter, group),
    request: (who, mutation, key) => store.request(who, mutation, key),
    commit: (commit) => store.commit(commit),
    ping: () => store.ping(),
    verify: () => store.verify(),
    prune: (options) => store.prune(options),
    close: () => store.close(),
  };
}

/** A store whose process can die. Closing it is the test's business: a successor goes on with the same one. */
function mortal(store: Store, dead: { readonly now: boolean }): Store {
  const alive = async <T>(call: () => Promise<T>): Promise<T> => {
    if (dead.now) throw new StoreError('CLOSED', 'The process was killed.');
    const result = await call();
    if (dead.now) throw new StoreError('CLOSED', 'The process was killed before it heard of it.');
    return result;
  };
  return {
    ...store,
    get: (collection, id) => alive(() => store.get(collection, id)),
    getMany: (collection, ids) => alive(() => store.getMany(collection, ids)),
    find: (collection, find) => alive(() => store.find(collection, find)),
    commit: (commit) => alive(() => store.commit(commit)),
    close: () => Promise.resolve(),
  };
}

export const RUN_FIELDS = `
  id kind trigger state queuedAt startedAt finishedAt issueCount
  progress { fetched total added updated removed unchanged }
  effect { numbersUsed numbersCooling }
  error { code message }
  issues(first: 100) { edges { node { kind subject message } } }
`;

export const CONNECTION_FIELDS = `
  id name type routingManager username authenticationMethod hasPassword tlsVerify pinnedCertificate
  hierarchyNode { id } reachability { state error }
  dataSyncs { id name kind enabled operations allowEmpty }
  schedule { id name cron timeZone enabled nextRunAt lastRunAt }
`;

export const CREATE = `mutation($input: CreateAudioCodesConnectionInput!) {
  createAudioCodesConnection(input: $input) {
    connection { ${CONNECTION_FIELDS} } syncRun { id state trigger } userErrors { code message field }
  }
}`;

export const RUN = `mutation($input: RunDataSyncInput!) {
  runDataSync(input: $input) { syncRun { ${RUN_FIELDS} } userErrors { code message field } }
}`;
