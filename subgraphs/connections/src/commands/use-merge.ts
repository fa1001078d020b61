/**
 * The registered users of several connections as one list in order of (number, reference). What each connection has next stands in that order; a connection
 * that has come to the front is read on in stretches that grow, so that what is read stays in proportion to what is taken.
 */
import { compareValues } from '@numberyard/kit/storage/order';
import { PAGE_LIMIT, type PagePosition, type Store } from '@numberyard/kit/storage/port';
import type { AudioCodesConnection } from '../domain/connection.js';
import type { RegisteredUser } from '../domain/registered-user.js';
import { registeredUsers } from '../models/registered-users.js';

/** Where a list stands: number and reference of the last that was taken. */
export type UsePosition = readonly [number: string, ref: string];

/** Connections read side by side. */
const BESIDE = 16;

interface Source {
  readonly connection: AudioCodesConnection;
  /** Read and not taken yet, from `taken` on; never empty. */
  users: readonly RegisteredUser[];
  taken: number;
  /** Where to read on; absent at the end. */
  after: PagePosition | undefined;
  /** How many to read next. */
  stretch: number;
}

export interface TakenUse {
  readonly user: RegisteredUser;
  readonly connection: AudioCodesConnection;
}

export class UseMerge {
  readonly #store: Store;
  /** In the order of what each has next. */
  readonly #sources: Source[] = [];

  private constructor(store: Store) {
    this.#store = store;
  }

  /** @param wanted how many will be taken, about */
  static async open(
    store: Store,
    connections: readonly AudioCodesConnection[],
    position: UsePosition | undefined,
    wanted: number,
  ): Promise<UseMerge> {
    const merge = new UseMerge(store);
    const stretch = Math.ceil(wanted / Math.max(1, connections.length));
    for (let at = 0; at < connections.length; at += BESIDE) {
      const read = connections.slice(at, at + BESIDE).map((connection) => {
        const after = position && [connection.id, ...position];
        return merge.#read({ connection, users: [], taken: 0, after, stretch });
      });
      for (const source of await Promise.all(read)) if (source) merge.#insert(source);
    }
    return merge;
  }

  /** The number that comes next; undefined at the end. */
  get next(): string | undefined {
    return this.#sources[0] && numberOf(this.#sources[0]);
  }

  /** What each connection has next, in that order. */
  get heads(): readonly { readonly connection: string; readonly number: string }[] {
    return this.#sources.map((source) => ({ connection: source.connection.id, number: numberOf(source) }));
  }

  async take(): Promise<TakenUse | undefined> {
    const source = this.#sources.shift();
    const user = source?.users[source.taken];
    if (!source || !user) return undefined;
    source.taken += 1;
    const rest = source.taken < source.users.length ? source : source.after && (await this.#read(source));
    if (rest) this.#insert(rest);
    return { user, connection: source.connection };
  }

  /** The source with its next stretch read; undefined when there is no more. */
  async #read(source: Source): Promise<Source | undefined> {
    let { after } = source;
    do {
      const page = await this.#store.find(registeredUsers, {
        key: 'inUse',
        equals: [source.connection.id],
        limit: Math.min(source.stretch, PAGE_LIMIT),
        ...(after && { after }),
      });
      after = page.after;
      if (page.items.length > 0) return { ...source, users: page.items, taken: 0, after, stretch: source.stretch * 2 };
    } while (after);
    return undefined;
  }

  #insert(source: Source): void {
    let low = 0;
    let high = this.#sources.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#sources[middle];
      if (other && isBefore(other, source)) low = middle + 1;
      else high = middle;
    }
    this.#sources.splice(low, 0, source);
  }
}

function numberOf({ users, taken }: Source): string {
  return users[taken]?.inUse ?? '';
}

function isBefore(a: Source, b: Source): boolean {
  const order = compareValues(numberOf(a), numberOf(b));
  return order < 0 || (order === 0 && compareValues(a.users[a.taken]?.id ?? '', b.users[b.taken]?.id ?? '') < 0);
}
