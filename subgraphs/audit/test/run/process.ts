/** A process that runs audits on a store, and can be killed between any two things it does. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import type { MirroredNode } from '@numberyard/kit/hierarchy/node';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { createLogger } from '@numberyard/kit/logging/logger';
import { save, StoreError, type Store } from '@numberyard/kit/storage/port';
import { openTestStore, type TestStore } from '@numberyard/kit/testing/store';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { Leases } from '@numberyard/kit/workers/leases';
import type { HierarchyNodeFields } from '@numberyard/schema/events';
import type { CommandContext } from '../../src/commands/context.js';
import { startAudit, type StartAuditInput } from '../../src/commands/start-audit.js';
import type { AuditRun } from '../../src/domain/audit-run.js';
import type { Finding } from '../../src/domain/finding.js';
import type { NumberService } from '../../src/domain/number-service.js';
import { service } from './service.js';
import { collections } from '../../src/models/collections.js';
import { auditRuns } from '../../src/models/audit-runs.js';
import { findings } from '../../src/models/findings.js';
import { numberServices } from '../../src/models/number-services.js';
import { auditRunner } from '../../src/workers/audit-runner.js';
import { Owners } from './owners.js';

export const reseller: Identity = {
  id: 'key',
  label: 'Rita',
  role: 'RESELLER_ADMIN',
  rights: [],
  node: 'p',
  path: 'p',
};

const NODES: readonly HierarchyNodeFields[] = [
  node('p', 'PROVIDER', 'p'),
  { ...node('acme', 'CUSTOMER', 'p.acme'), numberManagement: true, dialPlan: 'FLAT' },
  node('berlin', 'SITE', 'p.acme.berlin'),
  node('paris', 'SITE', 'p.acme.paris'),
  { ...node('zeta', 'CUSTOMER', 'p.zeta'), numberManagement: true, dialPlan: 'FLAT' },
  node('rome', 'SITE', 'p.zeta.rome'),
];

function node(id: string, type: HierarchyNodeFields['type'], path: string): HierarchyNodeFields {
  return { id, type, path, name: id, numberManagement: null, retired: false };
}

export interface WorldOptions {
  readonly clock?: Clock;
  readonly hostile?: number;
}

/** Everything of the subgraph but the graph, beside stand-ins for the owners. */
export class World {
  readonly owners = new Owners();
  readonly clock: Clock;
  readonly #test: TestStore;
  #process: Process | undefined;
  /** Wraps the calls of the next process, by what they are. */
  around: Around = (_name, call) => call();

  private constructor(test: TestStore, clock: Clock) {
    this.#test = test;
    this.clock = clock;
  }

  static async open({ clock = systemClock, hostile }: WorldOptions = {}): Promise<World> {
    const seed = { exclusive: true, ...(hostile !== undefined && { hostile }) };
    const world = new World(await openTestStore({ name: 'audit', collections, clock, ...seed }), clock);
    for (const each of NODES) world.owners.nodes.set(each.id, each);
    const known = NODES.map(({ id, type, name, path, retired }) => ({ id, version: 0, type, name, path, retired }));
    await world.commit(...known.map((each) => save(mirroredNodes, each)));
    return world;
  }

  get store(): Store {
    return this.#test.store;
  }

  /** What commands are given that are no business of a worker. */
  get context(): CommandContext {
    return contextOf(this.store, this.clock, this.owners, () => this.#process?.ring());
  }

  start(): void {
    this.#process ??= new Process(this.store, this.clock, this.owners, this.around);
  }

  /** In an orderly way. */
  async stop(): Promise<void> {
    const stopped = this.#process;
    this.#process = undefined;
    await stopped?.drain();
  }

  /** As it stands: nothing it does from now on reaches anybody. */
  async kill(): Promise<void> {
    if (this.#process) this.#process.dead = true;
    await this.stop();
  }

  async begin(input: Partial<StartAuditInput> = {}): Promise<AuditRun> {
    const outcome = await startAudit(this.context, reseller, {
      customer: 'acme',
      level: 'CUSTOMER',
      dryRun: false,
      ...input,
    });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusals));
    return outcome.value;
  }

  async audit(input: Partial<StartAuditInput> = {}): Promise<AuditRun> {
    this.start();
    return this.ended((await this.begin(input)).id);
  }

  async run(id: string): Promise<AuditRun> {
    const run = await this.store.get(auditRuns, id);
    if (!run) throw new Error(`there is no run ${id}`);
    return run;
  }

  ended(id: string): Promise<AuditRun> {
    return waitUntil(`audit ${id} to end`, async () => {
      const run = await this.run(id);
      return run.finishedAt === undefined ? undefined : run;
    });
  }

  async findings(run: string): Promise<Finding[]> {
    const found: Finding[] = [];
    let seq = 0;
    for (;;) {
      const page = await this.store.find(findings, { key: 'byRun', equals: [run], next: { gt: seq }, limit: 1_000 });
      found.push(...page.items);
      seq = page.items.at(-1)?.seq ?? seq;
      if (!page.after) return found;
    }
  }

  /** Keep a service. */
  async serve(id: string, number: string, more: Partial<NumberService> = {}): Promise<void> {
    await this.commit(save(numberServices, service(id, number, more)));
  }

  async unserve(id: string): Promise<void> {
    const { version } = (await this.store.get(numberServices, id)) ?? { version: 0 };
    await this.store.commit({ remove: [{ collection: numberServices.name, id, version }] });
  }

  async commit(...saves: readonly ReturnType<typeof save>[]): Promise<void> {
    for (let from = 0; from < saves.length; from += 500) {
      for (let done = false; !done;) done = (await this.store.commit({ save: saves.slice(from, from + 500) })).ok;
    }
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#test.close();
  }
}

/** What a process does, by name: `commit`, `find <key>`, or a function of an owner. */
export type Around = <T>(name: string, call: () => Promise<T>) => Promise<T>;

class Process {
  dead = false;
  readonly #runner: ReturnType<typeof auditRunner>;
  readonly #leases: Leases;

  constructor(store: Store, clock: Clock, owners: Owners, around: Around) {
    const alive: Around = async (name, call) => {
      if (this.dead) throw new StoreError('CLOSED', 'The process was killed.');
      const result = await around(name, call);
      if (this.dead) throw new StoreError('CLOSED', 'The process was killed before it heard of it.');
      return result;
    };
    const mortal = mortalStore(store, alive);
    const logger = createLogger('silent');
    this.#leases = new Leases({ store: mortal, clock, logger });
    const context = contextOf(mortal, clock, owners, () => undefined, alive);
    this.#runner = auditRunner(context, { leases: this.#leases, clock, logger });
    this.#runner.start();
  }

  ring(): void {
    this.#runner.ring();
  }

  async drain(): Promise<void> {
    await this.#runner.drain();
    await this.#leases.stop();
  }
}

function mortalStore(store: Store, alive: Around): Store {
  return {
    name: store.name,
    exclusive: store.exclusive,
    log: store.log,
    get: (collection, id) => alive('get', () => store.get(collection, id)),
    getMany: (collection, ids) => alive('get', () => store.getMany(collection, ids)),
    getByKey: (collection, key, values) => alive('get', () => store.getByKey(collection, key, values)),
    find: (collection, find) => alive(`find ${find.key}`, () => store.find(collection, find)),
    counts: (collection, counter, group) => alive('get', () => store.counts(collection, counter, group)),
    request: (who, mutation, key) => alive('get', () => store.request(who, mutation, key)),
    commit: (commit) => alive('commit', () => store.commit(commit)),
    ping: () => store.ping(),
    verify: () => store.verify(),
    prune: (options) => store.prune(options),
    close: () => Promise.resolve(),
  };
}

function contextOf(
  store: Store,
  clock: Clock,
  owners: Owners,
  runQueued: () => void,
  around: Around = (_name, call) => call(),
): CommandContext {
  const { numberInventory, connections } = owners;
  const known = (id: string): Promise<MirroredNode | undefined> => store.get(mirroredNodes, id);
  return {
    store,
    clock,
    logger: createLogger('silent'),
    hierarchy: {
      node: known,
      async visibleNode(id, identity) {
        const found = await known(id);
        return found && isWithin(found.path, identity.path) ? found : undefined;
      },
    },
    numberInventory: {
      auditedNode: (id) => around('auditedNode', () => numberInventory.auditedNode(id)),
      auditedNumbers: (...args) => around('auditedNumbers', () => numberInventory.auditedNumbers(...args)),
      correctNumbers: (batch) => around('correctNumbers', () => numberInventory.correctNumbers(batch)),
    },
    connections: {
      numberUses: (...args) => around('numberUses', () => connections.numberUses(...args)),
      lastSyncs: () => around('lastSyncs', () => connections.lastSyncs()),
    },
    bells: { runQueued, scheduleChanged: () => undefined },
  };
}
