/** Sums of counter deltas over a group, so that each counter is moved once however many documents moved it. */
import type { Entry } from './entries.js';
import type { KeyValue } from './port.js';

export interface Sum {
  readonly values: Entry;
  delta: number;
}

type Level = Map<KeyValue, Level | Sum>;

/** A map by several values: a level each, which is a good deal cheaper than one name made of all of them. */
export class Sums {
  #root: Level = new Map();
  #sums: Sum[] = [];

  /** All entries given to one `Sums` are of the same length. */
  add(values: Entry, delta: number): void {
    const last = values.length - 1;
    let level = this.#root;
    for (let index = 0; index < last; index += 1) {
      const value = values[index] as KeyValue;
      let below = level.get(value);
      if (!(below instanceof Map)) {
        below = new Map();
        level.set(value, below);
      }
      level = below;
    }
    const known = level.get(values[last] as KeyValue);
    if (known !== undefined && !(known instanceof Map)) {
      known.delta += delta;
      return;
    }
    const sum: Sum = { values, delta };
    level.set(values[last] as KeyValue, sum);
    this.#sums.push(sum);
  }

  all(): readonly Sum[] {
    return this.#sums;
  }

  clear(): void {
    this.#root = new Map();
    this.#sums = [];
  }
}
