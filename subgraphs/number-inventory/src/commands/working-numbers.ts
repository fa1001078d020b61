/**
 * The numbers a bulk commit is about: read together, changed in memory one happening after another, written together. Numbers nothing happened to are
 * not written.
 */
import type { NewEvent } from '@numberyard/kit/log/event';
import { PAGE_LIMIT, type Save, type Store } from '@numberyard/kit/storage/port';
import { COOLING_DURATION, coolingDuration, effectiveMacro } from '../domain/macros.js';
import type { InventoryNumber } from '../domain/number.js';
import { changeUses, type Change, type UseChanges } from '../domain/transitions.js';
import { macroId, macros } from '../models/macro.js';
import { numbers, saveNumber } from '../models/number.js';
import type { By } from './context.js';
import { numberEvent } from './number-event.js';

interface Working {
  readonly number: InventoryNumber;
  readonly version: number;
  readonly changed: boolean;
}

export class WorkingNumbers {
  readonly #numbers = new Map<string, Working>();
  /** Values of the cooling macro by node, for every node above one of the numbers. */
  readonly #macros = new Map<string, string>();
  readonly #events: NewEvent[] = [];

  /** Read the numbers with these ids, and the macros in force at each. */
  static async load(store: Store, ids: Iterable<string>): Promise<WorkingNumbers> {
    const working = new WorkingNumbers();
    const wanted = [...new Set(ids)];
    const above = new Set<string>();
    for (let from = 0; from < wanted.length; from += PAGE_LIMIT) {
      for (const number of await store.getMany(numbers, wanted.slice(from, from + PAGE_LIMIT))) {
        if (!number) continue;
        working.#numbers.set(number.id, { number, version: number.version, changed: false });
        for (const node of number.nodes) above.add(node);
      }
    }
    const places = [...above];
    for (let from = 0; from < places.length; from += PAGE_LIMIT) {
      const ids = places.slice(from, from + PAGE_LIMIT).map((node) => macroId(node, COOLING_DURATION.name));
      for (const macro of await store.getMany(macros, ids)) if (macro) working.#macros.set(macro.node, macro.value);
    }
    return working;
  }

  get(id: string): InventoryNumber | undefined {
    return this.#numbers.get(id)?.number;
  }

  /** Change the uses of a number that exists, and note the event; undefined when that changes nothing. */
  changeUses(id: string, changes: UseChanges, by: By, now: string): Change | undefined {
    const working = this.#numbers.get(id);
    if (!working) return undefined;
    const duration = () => coolingDuration(this.#macroAt(working.number.path));
    const change = changeUses(working.number, changes, now, duration);
    if (!change) return undefined;
    this.#numbers.set(id, { number: change.next, version: working.version, changed: true });
    this.#events.push(numberEvent(change.event, change.next, by, now));
    return change;
  }

  /** Take up a number that did not exist, with what uses it. One event tells both. */
  add(number: InventoryNumber, changes: UseChanges, by: By, now: string): InventoryNumber {
    const next = changeUses(number, changes, now, neverCools)?.next ?? number;
    this.#numbers.set(next.id, { number: next, version: 0, changed: true });
    this.#events.push(numberEvent('NumberAdded', next, by, now));
    return next;
  }

  /** What has to be written; empty lists when nothing has changed. */
  written(): { save: Save[]; events: NewEvent[] } {
    const changed = [...this.#numbers.values()].filter((working) => working.changed);
    return { save: changed.map(({ number, version }) => saveNumber(number, version)), events: this.#events };
  }

  #macroAt(path: string): string {
    return effectiveMacro(COOLING_DURATION, path, (node) => this.#macros.get(node)).value;
  }
}

function neverCools(): never {
  throw new Error('a new number has no use to lose');
}
