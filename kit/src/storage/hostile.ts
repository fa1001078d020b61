/** A store that is within its rights and as unpleasant as they allow, for the tests of whoever stands above the port. */
import type { EventLog } from '../log/event.js';
import { randomFrom } from '../testing/random.js';
import { type Commit, type CommitResult, type Conflict, type Store, StoreError } from './port.js';

export interface Hostility {
  /** The same seed answers the same sequence of calls alike. */
  readonly seed: number;
  /** Share of commits, 0 to 1, answered with a conflict though nothing is wrong. Only those that read or write a document can be. */
  readonly conflictRate: number;
  /** `late`: some turns of the event loop after the commit, and now and then for nothing. */
  readonly doorbell: 'normal' | 'late' | 'never';
  /** Die at the nth commit (1 is the first): it is applied, its caller gets CLOSED, as does every call from then on. */
  readonly dieAt?: number;
}

/** Wrap a store. Closing the wrapper closes the store, also after it has died. */
export function hostile(store: Store, hostility: Hostility): Store {
  const random = randomFrom(hostility.seed);
  let commits = 0;
  let dead = false;

  /** The call itself, or CLOSED. */
  const alive = async <T>(call: () => Promise<T>): Promise<T> => {
    if (dead) throw new StoreError('CLOSED', 'The store has died.');
    return call();
  };

  const commit = async (wanted: Commit): Promise<CommitResult> => {
    commits += 1;
    const dies = commits === hostility.dieAt;
    const conflict = !dies && random() < hostility.conflictRate ? untrueConflict(wanted, random()) : undefined;
    if (conflict) return { ok: false, conflicts: [conflict] };
    const result = await store.commit(wanted);
    if (!dies) return result;
    dead = true;
    throw new StoreError('CLOSED', 'The store died between commit and answer.');
  };

  return {
    name: store.name,
    exclusive: store.exclusive,
    log: hostileLog(store.log, hostility.doorbell, random, alive),
    get: (collection, id) => alive(() => store.get(collection, id)),
    getMany: (collection, ids) => alive(() => store.getMany(collection, ids)),
    getByKey: (collection, key, values) => alive(() => store.getByKey(collection, key, values)),
    find: (collection, find) => alive(() => store.find(collection, find)),
    counts: (collection, counter, group) => alive(() => store.counts(collection, counter, group)),
    request: (caller, mutation, key) => alive(() => store.request(caller, mutation, key)),
    commit: (wanted) => alive(() => commit(wanted)),
    ping: () => alive(() => store.ping()),
    verify: () => alive(() => store.verify()),
    prune: (options) => alive(() => store.prune(options)),
    close: () => store.close(),
  };
}

/** One of the commit's documents is said to be stale, as if somebody had come in between and changed it back. */
function untrueConflict({ save = [], remove = [], expect = [] }: Commit, chance: number): Conflict | undefined {
  const documents = [
    ...save.map(({ collection, doc }) => ({ collection, id: doc.id })),
    ...[...remove, ...expect].map(({ collection, id }) => ({ collection, id })),
  ];
  const victim = documents[Math.floor(chance * documents.length)];
  return victim && { kind: 'STALE', ...victim };
}

function hostileLog(
  log: EventLog,
  doorbell: Hostility['doorbell'],
  random: () => number,
  alive: <T>(call: () => Promise<T>) => Promise<T>,
): EventLog {
  return {
    state: () => alive(() => log.state()),
    read: (read) => alive(() => log.read(read)),
    ofEntity: (entity, options) => alive(() => log.ofEntity(entity, options)),
    onAppend(listener) {
      if (doorbell === 'never') return () => undefined;
      if (doorbell === 'normal') return log.onAppend(listener);
      let listening = true;
      const off = log.onAppend(() => {
        const times = random() < 0.1 ? 2 : 1;
        for (let time = 0; time < times; time += 1)
          afterTurns(1 + Math.floor(random() * 20), () => listening && listener());
      });
      return () => {
        listening = false;
        off();
      };
    },
  };
}

function afterTurns(turns: number, act: () => void): void {
  if (turns === 0) act();
  else setImmediate(() => afterTurns(turns - 1, act));
}
