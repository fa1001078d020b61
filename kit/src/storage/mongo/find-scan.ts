/** A find as a scan of its key's index: filters, order and positions. */
import type { mongo } from 'mongoose';
import type { Collection, KeySpec } from '../collection.js';
import { valueAt } from '../paths.js';
import type { PathType } from '../path-types.js';
import type { Condition, Doc, Find, KeyValue, PagePosition } from '../port.js';
import { type Bounds, boundsOf, boundsOfCondition } from './find-bounds.js';
import { type Box, boxesBetween } from './find-boxes.js';
import { storedPath, type Stored } from './documents.js';

type Filter = mongo.Filter<Stored>;

/** A path of the index that is not fixed for the whole scan. */
interface Free {
  readonly path: string;
  readonly of: PathType['of'];
  /** What it has to be all along. */
  readonly within?: Bounds | undefined;
  /** What of the find's `where` the index answers. */
  readonly covered?: Bounds | undefined;
}

export class Scan {
  /** What of `where` only the documents answer. */
  readonly residual: Readonly<Record<string, Condition>>;
  readonly sort: Readonly<Record<string, 1 | -1>>;
  /** What a position is made of: the index alone answers it. */
  readonly projection: Readonly<Record<string, 1>>;
  readonly #descending: boolean;
  readonly #equals: readonly KeyValue[];
  readonly #fixed: readonly Filter[];
  readonly #free: readonly Free[];
  readonly #paths: readonly string[];

  constructor({ keyTypes }: Collection<Doc>, key: KeySpec, find: Find) {
    const { equals = [], next, where = {} } = find;
    const paths = key.paths.slice(equals.length);
    const free = paths.map((path, index): Free => {
      const of = keyTypes[path]?.of ?? 'string';
      const condition = where[path];
      return {
        path: storedPath(path),
        of,
        within: index === 0 && next ? boundsOfCondition(next, of) : undefined,
        covered: condition === undefined ? undefined : boundsOfCondition(condition, of),
      };
    });
    this.residual = Object.fromEntries(Object.entries(where).filter(([path]) => !paths.includes(path)));
    this.#descending = find.descending ?? false;
    this.#equals = equals;
    this.#fixed = equals.map((value, index) => ({ [storedPath(key.paths[index] ?? '')]: value }));
    this.#paths = free.map(({ path }) => path);
    // The index of a unique key does without the id, which has nothing to order there.
    this.#free = key.unique ? free : [...free, { path: '_id', of: 'string' }];
    const direction = this.#descending ? -1 : 1;
    this.sort = Object.fromEntries(this.#free.map(({ path }) => [path, direction] as const));
    this.projection = Object.fromEntries([...this.#paths, '_id'].map((path) => [path, 1] as const));
  }

  /**
   * What stands after one position, up to and with another, in the order of the scan; undefined when nothing can.
   * @param covered leave out what does not meet the conditions that the index answers
   */
  filter(after?: PagePosition, upTo?: PagePosition, covered = false): Filter | undefined {
    const ends = [
      after && { values: this.#own(after), inclusive: false },
      upTo && { values: this.#own(upTo), inclusive: true },
    ];
    const [low, high] = this.#descending ? ends.reverse() : ends;
    const boxes = boxesBetween(this.#free.length, low, high);
    const filters = boxes.map((box) => ({ $and: [...this.#fixed, ...this.#conditions(box, covered)] }));
    return filters.length > 1 ? { $or: filters } : filters[0];
  }

  positionOf(stored: Stored): PagePosition {
    return [...this.#equals, ...this.#paths.map((path) => valueAt(stored, path) as KeyValue), stored._id];
  }

  /** The values of a position on the paths that are free. */
  #own(position: PagePosition): PagePosition {
    return position.slice(this.#equals.length, this.#equals.length + this.#free.length);
  }

  #conditions({ fixed, range }: Box, covered: boolean): Filter[] {
    return this.#free.flatMap((free, index) => {
      const value = fixed[index];
      const place =
        value === undefined ? boundsOf(index === fixed.length ? (range ?? {}) : {}, free.of) : { $eq: value };
      const all = [place, free.within, covered ? free.covered : undefined];
      return all.flatMap((bounds) => (bounds ? [{ [free.path]: bounds }] : []));
    });
  }
}
