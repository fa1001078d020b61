/** What this subgraph sees of number-inventory: a log of its own with nodes and answers, and the listing of the nodes. */
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import type { EventLog } from '@numberyard/kit/log/event';
import { openTestStore, type TestStore } from '@numberyard/kit/testing/store';
import {
  entity,
  event,
  fieldsOf,
  type HierarchyNodeFields,
  type NumberInventoryEvents,
  type RegisteredUserChange,
} from '@numberyard/schema/events';

type Issues = NumberInventoryEvents['SyncBatchApplied']['issues'];
type NodeType = HierarchyNodeFields['type'];

const node = (id: string, type: NodeType, path: string): HierarchyNodeFields => ({
  id,
  type,
  name: id,
  path,
  numberManagement: type === 'CUSTOMER' ? true : null,
  retired: false,
});

export const NODES: readonly HierarchyNodeFields[] = [
  node('prov', 'PROVIDER', 'prov'),
  node('res', 'RESELLER', 'prov.res'),
  node('acme', 'CUSTOMER', 'prov.res.acme'),
  node('acmeeast', 'INTERMEDIATE', 'prov.res.acme.acmeeast'),
  node('berlin', 'SITE', 'prov.res.acme.acmeeast.berlin'),
  node('paris', 'SITE', 'prov.res.acme.paris'),
  node('globex', 'CUSTOMER', 'prov.res.globex'),
  node('rome', 'SITE', 'prov.res.globex.rome'),
  { ...node('closed', 'SITE', 'prov.res.acme.closed'), retired: true },
];

export class NumberInventoryStub {
  readonly #test: TestStore;
  #answeredUpTo = 0;
  #nodes: readonly HierarchyNodeFields[] = NODES;
  /** Stop answering. */
  fallSilent: () => Promise<void> = () => Promise.resolve();
  /** What is answered to a batch besides its end. */
  issuesOf: (changes: readonly RegisteredUserChange[]) => Issues = () => [];

  private constructor(test: TestStore) {
    this.#test = test;
  }

  static async open(): Promise<NumberInventoryStub> {
    const stub = new NumberInventoryStub(await openTestStore({ name: 'inventory', collections: [mirroredNodes] }));
    for (const fields of NODES) await stub.tell('HierarchyNodeCreated', fields);
    return stub;
  }

  /** One whose log is another: it has nodes its log does not tell of, and one event. */
  static async restored(nodes: readonly HierarchyNodeFields[]): Promise<NumberInventoryStub> {
    const stub = new NumberInventoryStub(await openTestStore({ name: 'inventory', collections: [mirroredNodes] }));
    stub.#nodes = [...NODES, ...nodes];
    await stub.tell('MacroSet', { node: 'prov', name: 'any', value: null });
    return stub;
  }

  get log() {
    return this.#test.store.log;
  }

  /** Answers for the value of a macro; the default is unset. */
  macro: (node: string, name: string) => Promise<string | undefined> = () => Promise.resolve('');

  readonly internal = {
    nodes: () => Promise.resolve({ items: this.#nodes }),
    effectiveMacro: (node: string, name: string) => this.macro(node, name),
  };

  async tell<T extends keyof NumberInventoryEvents>(
    type: T,
    fields: NumberInventoryEvents[T] & Parameters<typeof event<T>>[1],
  ): Promise<void> {
    const about = { retention: 'history', entity: entity.node('prov'), path: 'prov' } as const;
    const rest = {
      ...about,
      actor: { type: 'WORKER', id: 'number-inventory' },
      time: new Date().toISOString(),
    } as const;
    await this.#test.store.commit({ events: [event(type, fields, rest)] });
  }

  /** Answer what connections has told since the last time, as the real one does. */
  async answer(connections: EventLog): Promise<void> {
    const { events, upTo } = await connections.read({ after: this.#answeredUpTo, limit: 1000 });
    this.#answeredUpTo = upTo;
    for (const logged of events) {
      const users = fieldsOf(logged, 'RegisteredUsersChanged');
      if (users) {
        await this.tell('SyncBatchApplied', {
          connection: users.connection,
          run: users.run,
          numbersCreated: 0,
          numbersUsed: users.changes.filter((change) => change.after !== null).length,
          numbersCooling: users.changes.filter((change) => change.after === null).length,
          numbersReturned: 0,
          issues: this.issuesOf(users.changes),
        });
      }
      const applying = fieldsOf(logged, 'SyncRunApplying');
      if (applying) await this.tell('SyncRunApplied', applying);
    }
  }

  /** Pass over what was told so far, as after starting over. */
  async skip(connections: EventLog): Promise<void> {
    this.#answeredUpTo = (await connections.state()).head;
  }

  /** Answer whatever comes until it falls silent. */
  keepAnswering(connections: EventLog): void {
    const stopped = new AbortController();
    const answering = (async () => {
      while (!stopped.signal.aborted) {
        await this.answer(connections).catch(() => undefined);
        await systemClock.sleep(5, stopped.signal);
      }
    })();
    this.fallSilent = async () => {
      stopped.abort();
      await answering;
    };
  }

  async close(): Promise<void> {
    await this.fallSilent();
    await this.#test.close();
  }
}
