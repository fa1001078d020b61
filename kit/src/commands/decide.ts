/**
 * The loop around every command: read committed state, decide, commit; when the state changed in between, decide again. Because a command decides anew
 * each time, it must not act on the outside world inside `attempt`.
 */
import type { Commit, Conflict, RequestRecord, Store } from '../storage/port.js';
import { requestHash } from '../crypto/id.js';

/** What an attempt came to: a value, and what has to be written for it to be true. */
export interface Attempt<T> {
  readonly value: T;
  readonly commit?: Commit;
}

/** A command that lost against others so often that something is wrong; a fault, for the log. */
export class ContentionError extends Error {
  readonly conflicts: readonly Conflict[];
  constructor(tries: number, conflicts: readonly Conflict[]) {
    const on = conflicts.map((conflict) =>
      conflict.kind === 'REQUEST' ? 'the request' : `${conflict.collection} ${conflict.id}`,
    );
    super(`gave up after ${tries} tries; changed meanwhile: ${on.slice(0, 3).join(', ')}`);
    this.name = 'ContentionError';
    this.conflicts = conflicts;
  }
}

const TRIES = 200;

/**
 * Run `attempt` until its commit is applied.
 * @param onConflict may end the loop by throwing, e.g. because a lease was lost
 * @throws ContentionError after 200 tries, StoreError
 */
export async function decide<T>(
  store: Store,
  attempt: (tries: number) => Promise<Attempt<T>>,
  onConflict?: (conflicts: readonly Conflict[]) => void,
): Promise<T> {
  let conflicts: readonly Conflict[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { value, commit } = await attempt(tries);
    if (!commit) return value;
    const result = await store.commit(commit);
    if (result.ok) return value;
    conflicts = result.conflicts;
    onConflict?.(conflicts);
  }
  throw new ContentionError(TRIES, conflicts);
}

/** A mutation that is to happen once for a key, however often it is asked. */
export interface Request {
  readonly caller: string;
  readonly mutation: string;
  readonly key: string;
  readonly input: unknown;
}

/** What is known of a request: `NEW` with the record to commit, `DONE` with the earlier result, or `OTHER`: the key was used with another input. */
export type Recall =
  | { readonly state: 'NEW'; record(result: unknown): RequestRecord }
  | { readonly state: 'DONE'; readonly result: unknown }
  | { readonly state: 'OTHER' };

export async function recall(store: Store, request: Request): Promise<Recall> {
  const { caller, mutation, key } = request;
  const hash = requestHash(request.input);
  const earlier = await store.request(caller, mutation, key);
  if (!earlier) return { state: 'NEW', record: (result) => ({ caller, mutation, key, hash, result }) };
  return earlier.hash === hash ? { state: 'DONE', result: earlier.result } : { state: 'OTHER' };
}
