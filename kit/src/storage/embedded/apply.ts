/** Applying one group of commits in one transaction. */
import type { EntryChange } from '../changes.js';
import type { Conflict } from '../port.js';
import type { Group, Outcome, PreparedCommit } from '../prepared.js';
import { judgeUniqueness } from '../uniqueness.js';
import { type Database, isDiskFull, rollBack, type Statement } from './binding.js';
import type { Meta } from './meta.js';
import type { KeyEntries } from './key-entries.js';
import type { CollectionTables } from './tables.js';

/** Everything the durable write itself may leave open: the writer thread must end, because nobody can tell what is on the disk. */
export class OutcomeUnknown extends Error {}

interface Write {
  readonly tables: CollectionTables;
  readonly collection: string;
  readonly id: string;
  readonly before: unknown;
  /** Undefined for a removal. */
  readonly after: unknown;
  readonly json: string;
  /** It is stored at; of no meaning for a removal. */
  readonly version: number;
  readonly changes: readonly EntryChange<KeyEntries>[];
}

export class GroupApplier {
  readonly #db: Database;
  readonly #meta: Meta;
  readonly #collections: ReadonlyMap<string, CollectionTables>;
  readonly #event: Statement;
  readonly #requestTime: Statement;
  readonly #request: Statement;
  #head = 0;

  constructor(db: Database, meta: Meta, collections: ReadonlyMap<string, CollectionTables>) {
    this.#db = db;
    this.#meta = meta;
    this.#collections = collections;
    this.#event = db.prepare(
      'INSERT INTO log(position, type, retention, entity, time, body, "group") VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#requestTime = db.prepare('SELECT time FROM requests WHERE caller = ? AND mutation = ? AND key = ?');
    this.#request = db.prepare(
      `INSERT OR REPLACE INTO requests(caller, mutation, key, hash, result, time) VALUES (?, ?, ?, ?, ?, ?)`,
    );
  }

  /**
   * Apply a group. When something breaks on the way nothing of it is kept and its commits are tried one by one, so that one the engine
   * cannot digest takes no other down with it.
   * @throws OutcomeUnknown
   */
  apply(group: Group): Outcome[] {
    try {
      return this.#transaction(group);
    } catch (error) {
      if (error instanceof OutcomeUnknown) throw error;
      if (group.commits.length === 1) return [{ fault: error instanceof Error ? error.message : String(error) }];
      return group.commits.flatMap((commit) => this.apply({ id: group.id, commits: [commit] }));
    }
  }

  #transaction(group: Group): Outcome[] {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const before = Number(this.#meta.get('head'));
      this.#head = before;
      const outcomes = group.commits.map((commit) => this.#applyOne(commit, group.id, before));
      for (const tables of this.#collections.values()) tables.flush();
      if (this.#head > before) this.#meta.set('head', this.#head);
      this.#commit();
      return outcomes;
    } catch (error) {
      for (const tables of this.#collections.values()) tables.forget();
      rollBack(this.#db);
      throw error;
    }
  }

  #commit(): void {
    try {
      this.#db.exec('COMMIT');
    } catch (error) {
      if (isDiskFull(error)) throw error;
      // After a failed sync the pages may or may not be on the disk: only reading the file anew can tell.
      throw new OutcomeUnknown(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  #applyOne(commit: PreparedCommit, group: string, headBefore: number): Outcome {
    const conflicts: Conflict[] = [];
    this.#judgeRequest(commit, conflicts);
    this.#judgeExpectations(commit, conflicts);
    const writes = this.#plan(commit, conflicts);
    if (conflicts.length === 0) conflicts.push(...judgeUniqueness(writes));
    if (conflicts.length > 0) return { conflicts };
    this.#write(writes);
    for (const event of commit.events) {
      // The id on a group's first event is enough to look the whole group up.
      const mark = this.#head === headBefore ? group : null;
      this.#head += 1;
      this.#event.run(this.#head, event.type, event.retention, event.entity, event.time, event.json, mark);
    }
    const { request } = commit;
    if (request)
      this.#request.run(request.caller, request.mutation, request.key, request.hash, request.json, request.time);
    return { position: this.#head, versions: writes.slice(0, commit.save.length).map(({ version }) => version) };
  }

  #judgeRequest({ request }: PreparedCommit, conflicts: Conflict[]): void {
    if (!request) return;
    const known = this.#requestTime.get(request.caller, request.mutation, request.key) as { time: string } | undefined;
    if (known && known.time >= request.validFrom) conflicts.push({ kind: 'REQUEST' });
  }

  #judgeExpectations(commit: PreparedCommit, conflicts: Conflict[]): void {
    for (const { collection, id, version } of commit.expect) {
      if (this.#tables(collection).version(id) !== version) conflicts.push({ kind: 'STALE', collection, id });
    }
  }

  /** What the commit would write, and the versions in its way. */
  #plan(commit: PreparedCommit, conflicts: Conflict[]): Write[] {
    const writes: Write[] = [];
    const judge = (collection: string, id: string, version: number, json: string | undefined) => {
      const tables = this.#tables(collection);
      const row = tables.row(id);
      if ((row?.version ?? 0) !== version) {
        conflicts.push({ kind: 'STALE', collection, id });
        return;
      }
      const before: unknown = row && JSON.parse(row.doc);
      const after: unknown = json === undefined ? undefined : JSON.parse(json);
      const changes = tables.changes(before, after);
      const next = row ? version + 1 : tables.firstVersion();
      writes.push({ tables, collection, id, before, after, json: json ?? '', version: next, changes });
    };
    for (const { collection, id, version, json } of commit.save) judge(collection, id, version, json);
    for (const { collection, id, version } of commit.remove) judge(collection, id, version, undefined);
    return writes;
  }

  /** All old entries go before any new one comes, so that two documents may exchange a unique value in one commit. */
  #write(writes: readonly Write[]): void {
    for (const { tables, id, changes } of writes) {
      tables.touch(id);
      for (const { key, removed } of changes) for (const values of removed) key.remove(values, id);
    }
    for (const { tables, id, before, after, json, version, changes } of writes) {
      if (after === undefined) tables.delete(id, version - 1);
      else if (before === undefined) tables.insert(id, version, json);
      else tables.update(id, version, json);
      for (const { key, added } of changes) for (const values of added) key.add(values, id);
      tables.count(before, after);
    }
  }

  #tables(collection: string): CollectionTables {
    const tables = this.#collections.get(collection);
    if (!tables) throw new Error(`collection ${collection} is not declared`);
    return tables;
  }
}
