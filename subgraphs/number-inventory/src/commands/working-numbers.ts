/**
 * The numbers a bulk commit is about: read together, changed in memory one happening after another, written together. Numbers nothing happened to are
 * not written.
 */
import type { NewEvent } from '@numberyard/kit/log/event';
import { PAGE_LIMIT, type Save, type Store } from '@numberyard/kit/storage/port';
import type { InventoryNumber } from '../domain/number.js';
import { changeUses, type Change, type UseChanges } from '../domain/transitions.js';
import { numbers, saveNumber, type NumberDoc } from '../models/number.js';
import type { By } from './context.js';
import { coolingRules, type CoolingRuleAt } from './cooling-rules.js';
import { numberEvent } from './number-event.js';

interface Working {
  readonly number: InventoryNumber;
  readonly version: number;
  readonly changed: boolean;
}

export class WorkingNumbers {
  readonly #numbers = new Map<string, Working>();
  readonly #events: NewEvent[] = [];
  #rules: (path: string) => CoolingRuleAt;

  private constructor(found: readonly NumberDoc[], rules: (path: string) => CoolingRuleAt) {
    for (const number of found) this.#numbers.set(number.id, { number, version: number.version, changed: false });
    this.#rules = rules;
  }

  /** Read the numbers with these ids, and how each cools. */
  static async load(store: Store, ids: Iterable<string>): Promise<WorkingNumbers> {
    const wanted = [...new Set(ids)];
    const found: NumberDoc[] = [];
    for (let from = 0; from < wanted.length; from += PAGE_LIMIT) {
      const page = await store.getMany(numbers, wanted.slice(from, from + PAGE_LIMIT));
      found.push(...page.filter((number) => number !== undefined));
    }
    const paths = found.map((number) => number.path);
    return new WorkingNumbers(found, await coolingRules({ store }, paths));
  }

  /** Read how numbers cool that are made at some paths: one may lose its use again in the same commit. */
  async readRules(store: Store, paths: readonly string[]): Promise<void> {
    const made = new Set(paths);
    if (made.size === 0) return;
    const known = this.#rules;
    const more = await coolingRules({ store }, made);
    this.#rules = (path) => (made.has(path) ? more(path) : known(path));
  }

  get(id: string): InventoryNumber | undefined {
    return this.#numbers.get(id)?.number;
  }

  /** Change the uses of a number that exists, and note the event; undefined when that changes nothing. */
  changeUses(id: string, changes: UseChanges, by: By, now: string): Change | undefined {
    const working = this.#numbers.get(id);
    if (!working) return undefined;
    const change = changeUses(working.number, changes, now, this.#rules(working.number.path));
    if (!change) return undefined;
    this.#numbers.set(id, { number: change.next, version: working.version, changed: true });
    this.#events.push(numberEvent(change.event, change.next, by, now));
    return change;
  }

  /** Take up a number that did not exist, with what uses it. One event tells both. */
  add(number: InventoryNumber, changes: UseChanges, by: By, now: string): InventoryNumber {
    const next = changeUses(number, changes, now, NEVER_COOLS)?.next ?? number;
    this.#numbers.set(next.id, { number: next, version: 0, changed: true });
    this.#events.push(numberEvent('NumberAdded', next, by, now));
    return next;
  }

  /** What has to be written; empty lists when nothing has changed. */
  written(): { save: Save[]; events: NewEvent[] } {
    const changed = [...this.#numbers.values()].filter((working) => working.changed);
    return { save: changed.map(({ number, version }) => saveNumber(number, version)), events: this.#events };
  }
}

const neverCools = (): never => {
  throw new Error('a new number has no use to lose');
};
const NEVER_COOLS = { audioCodes: neverCools, standard: neverCools };
