/** One collection in the memory of a group's plan: the documents the group touches, as they were and as its commits leave them. */
import { changesOf, type ChangingKey, entriesAround, type EntryChange } from '../changes.js';
import { type Entry, entriesOf, valuesAt } from '../entries.js';
import type { Doc } from '../port.js';
import type { PreparedExpectation, PreparedSave } from '../prepared.js';
import { Sums } from '../sums.js';
import type { Declared, DeclaredKey } from './declared.js';
import type { Stored } from './documents.js';
import { type CounterDoc, counterRow } from './layout.js';

/** What a group writes to one collection and its counters, in this order. A document is in one of the three, but one that makes room first is deleted and inserted. */
export interface CollectionWrites {
  readonly collection: string;
  readonly deletes: readonly string[];
  readonly inserts: readonly Stored[];
  readonly replaces: readonly Stored[];
  /** Each with `count` to be added. */
  readonly counts: readonly CounterDoc[];
}

/** One document that a commit would save or remove. */
export interface PlannedWrite {
  readonly collection: string;
  readonly id: string;
  readonly before: unknown;
  /** Undefined for a removal. */
  readonly after: unknown;
  /** It will be stored at; for a removal the one it had. */
  readonly version: number;
  readonly changes: readonly EntryChange<HeldKey>[];
}

/** A document without its version, which stands beside it. */
interface Held {
  readonly version: number;
  readonly doc: unknown;
}

/** A unique key and who holds its values. */
class HeldKey implements ChangingKey {
  readonly name: string;
  readonly unique = true;
  readonly paths: readonly string[];
  /** Before the group. */
  readonly #found = new Map<string, string>();
  /** Changed by the group; null: nobody holds it any more. */
  readonly #changed = new Map<string, string | null>();

  constructor({ name, paths }: DeclaredKey) {
    this.name = name;
    this.paths = paths;
  }

  /** A document as it stands in the database. */
  found(doc: unknown, id: string): void {
    for (const values of entriesOf(valuesAt(doc, this.paths))) this.#found.set(JSON.stringify(values), id);
  }

  holder(values: Entry): string | undefined {
    const name = JSON.stringify(values);
    const changed = this.#changed.get(name);
    return changed === undefined ? this.#found.get(name) : (changed ?? undefined);
  }

  holderBefore(values: Entry): string | undefined {
    return this.#found.get(JSON.stringify(values));
  }

  give(values: Entry, id: string | null): void {
    this.#changed.set(JSON.stringify(values), id);
  }
}

export class HeldCollection {
  readonly name: string;
  readonly declared: Declared;
  readonly #keys: readonly HeldKey[];
  readonly #before = new Map<string, Held>();
  readonly #now = new Map<string, Held>();
  /** Every state a commit would save. */
  readonly #saves = new Map<PreparedExpectation, unknown>();
  readonly #touched = new Set<string>();
  readonly #written = new Set<string>();
  readonly #sums: readonly Sums[];
  highestRemoved: number;

  constructor(declared: Declared, highestRemoved: number) {
    this.declared = declared;
    this.name = declared.name;
    this.highestRemoved = highestRemoved;
    this.#keys = declared.uniqueKeys.map((key) => new HeldKey(key));
    this.#sums = declared.counters.map(() => new Sums());
  }

  touch(id: string): void {
    this.#touched.add(id);
  }

  expectSave(save: PreparedSave): void {
    this.#saves.set(save, JSON.parse(save.json));
  }

  /** Ids of the documents to be read. */
  get ids(): readonly string[] {
    return [...this.#touched];
  }

  load(found: readonly Stored[]): void {
    for (const stored of found) {
      const { version, ...doc } = this.declared.codec.decode(stored);
      const held = { version, doc };
      this.#before.set(doc.id, held);
      this.#now.set(doc.id, held);
      for (const key of this.#keys) key.found(doc, doc.id);
    }
  }

  /** The unique values whose holders have to be read, after {@link load}: those that a save would add. */
  wanted(): readonly { readonly key: DeclaredKey; readonly entries: readonly Entry[] }[] {
    return this.#keys.flatMap((key) => {
      const entries = new Map<string, Entry>();
      for (const [{ id }, doc] of this.#saves) {
        for (const { added } of changesOf([key], this.#before.get(id)?.doc, doc)) {
          for (const entry of added) {
            if (key.holderBefore(entry) === undefined) entries.set(JSON.stringify(entry), entry);
          }
        }
      }
      return entries.size > 0 ? [{ key, entries: [...entries.values()] }] : [];
    });
  }

  /** Documents that hold wanted values, with the paths of the unique keys. */
  loadHolders(found: readonly Stored[]): void {
    for (const stored of found) {
      const doc: Doc = this.declared.codec.decode(stored);
      for (const key of this.#keys) key.found(doc, doc.id);
    }
  }

  /** 0 when there is no such document. */
  version(id: string): number {
    return this.#now.get(id)?.version ?? 0;
  }

  /** @param change a removal, or a save that was expected */
  plan(change: PreparedExpectation): PlannedWrite {
    const { id } = change;
    const held = this.#now.get(id);
    const before = held?.doc;
    const after = this.#saves.get(change);
    const saved = held ? held.version + 1 : this.highestRemoved + 1;
    const version = after === undefined ? (held?.version ?? 0) : saved;
    return { collection: this.name, id, before, after, version, changes: changesOf(this.#keys, before, after) };
  }

  giveUp({ changes }: PlannedWrite): void {
    for (const { key, removed } of changes) for (const values of removed) key.give(values, null);
  }

  apply({ id, before, after, version, changes }: PlannedWrite): void {
    for (const { key, added } of changes) for (const values of added) key.give(values, id);
    for (const [index, { paths }] of this.declared.counters.entries()) {
      const [old, now] = entriesAround(paths, before, after);
      for (const values of old) this.#sums[index]?.add(values, -1);
      for (const values of now) this.#sums[index]?.add(values, 1);
    }
    this.#written.add(id);
    if (after !== undefined) this.#now.set(id, { version, doc: after });
    else {
      this.#now.delete(id);
      this.highestRemoved = Math.max(this.highestRemoved, version);
    }
  }

  /** The difference the group makes. To be asked for once, because the documents become what is stored. */
  writes(): CollectionWrites {
    const inWay = this.#inWay();
    const deletes: string[] = [];
    const inserts: Stored[] = [];
    const replaces: Stored[] = [];
    for (const id of this.#written) {
      const now = this.#now.get(id);
      const wasThere = this.#before.has(id);
      if (wasThere && (!now || inWay.has(id))) deletes.push(id);
      if (!now) continue;
      const stored = this.declared.codec.encode(now.doc as Record<string, unknown>, now.version);
      if (wasThere && !inWay.has(id)) replaces.push(stored);
      else inserts.push(stored);
    }
    return { collection: this.name, deletes, inserts, replaces, counts: this.#counts() };
  }

  /** Documents that hold, as they stand in the database, what another one will: an index is unique after every single write, so they make room first. */
  #inWay(): ReadonlySet<string> {
    const inWay = new Set<string>();
    for (const id of this.#written) {
      for (const { key, added } of changesOf(this.#keys, this.#before.get(id)?.doc, this.#now.get(id)?.doc)) {
        for (const values of added) {
          const holder = key.holderBefore(values);
          if (holder !== undefined && holder !== id) inWay.add(holder);
        }
      }
    }
    return inWay;
  }

  #counts(): CounterDoc[] {
    return this.declared.counters.flatMap(({ name }, index) =>
      (this.#sums[index]?.all() ?? [])
        .filter(({ delta }) => delta !== 0)
        .map(({ values, delta }) => ({ ...counterRow(this.name, name, values), count: delta })),
    );
  }
}
