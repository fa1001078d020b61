/** Bringing a file's tables in line with what the program declares. */
import { refuseUnfinished, UNFINISHED } from '../copy/mark.js';
import { entriesOf, pathsOfCounter, pathsOfKey, valuesAt } from '../entries.js';
import { StoreError } from '../port.js';
import { type Database, rollBack } from './binding.js';
import type { Meta } from './meta.js';
import {
  BASE_TABLES,
  columns,
  counterTable,
  createDocTable,
  createEntryTables,
  docTable,
  fingerprint,
  fingerprintFact,
  keyTable,
  type Plan,
} from './layout.js';

/**
 * Make missing tables; rebuild entries and counters of a collection whose keys or counters are declared differently than when the file
 * was last open. In one transaction.
 * @throws StoreError when stored documents do not fit a key that is now unique, or the file is of another format or half a copy
 */
export function alignTables(db: Database, meta: () => Meta, plans: readonly Plan[], file: string): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(BASE_TABLES);
    const facts = meta();
    facts.initialise(file);
    refuseUnfinished(file, facts.get(UNFINISHED));
    for (const plan of plans) alignPlan(db, facts, plan);
    db.exec('COMMIT');
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

/** Bring one collection's tables in line. To be called inside a transaction. @throws StoreError INVALID, see {@link alignTables} */
export function alignPlan(db: Database, facts: Meta, plan: Plan): void {
  db.exec(createDocTable(plan.name));
  const wanted = fingerprint(plan);
  if (facts.get(fingerprintFact(plan.name)) === wanted) return;
  rebuild(db, plan);
  facts.set(fingerprintFact(plan.name), wanted);
}

function rebuild(db: Database, plan: Plan): void {
  const old = db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND (name GLOB ? OR name GLOB ?)`)
    .all(keyTable(plan.name, '*'), counterTable(plan.name, '*')) as { name: string }[];
  for (const { name } of old) db.exec(`DROP TABLE ${name}`);
  for (const statement of createEntryTables(plan)) db.exec(statement);
  const keys = Object.entries(plan.keys).map(([name, spec]) => {
    const marks = [...columns(spec.paths.length), 'id'].map(() => '?').join(', ');
    return { name, spec, insert: db.prepare(`INSERT INTO ${keyTable(plan.name, name)} VALUES (${marks})`) };
  });
  const counters = Object.entries(plan.counters).map(([name, spec]) => {
    const marks = columns(spec.by.length + 1)
      .map(() => '?')
      .join(', ');
    const table = counterTable(plan.name, name);
    return {
      spec,
      add: db.prepare(`INSERT INTO ${table} VALUES (${marks}, 1) ON CONFLICT DO UPDATE SET count = count + 1`),
    };
  });
  for (const row of db.prepare(`SELECT id, doc FROM ${docTable(plan.name)}`).iterate() as Iterable<{
    id: string;
    doc: string;
  }>) {
    const doc: unknown = JSON.parse(row.doc);
    for (const key of keys) {
      for (const values of entriesOf(valuesAt(doc, pathsOfKey(key.spec)))) {
        try {
          key.insert.run(...values, row.id);
        } catch (error) {
          const reason = `document ${row.id} of ${plan.name} does not fit the key ${key.name}`;
          throw new StoreError('INVALID', `The stored ${reason}.`, { cause: error });
        }
      }
    }
    for (const { spec, add } of counters) {
      for (const values of entriesOf(valuesAt(doc, pathsOfCounter(spec)))) add.run(...values);
    }
  }
}
