/** Recounting what is derived from the documents. */
import { entriesOf, pathsOfCounter, pathsOfKey, valuesAt } from '../entries.js';
import type { Database } from './binding.js';
import { columns, counterTable, docTable, keyTable, type Plan } from './layout.js';
import type { Meta } from './meta.js';

/** Most differences told per key or counter: a broken one may differ at every document. */
const TOLD = 10;

/** What is wrong, as sentences; empty when all is right. Reads every document: for operators and tests, not for requests. */
export function verifyTables(db: Database, meta: Meta, plans: readonly Plan[]): string[] {
  return [...verifyLog(db, meta), ...plans.flatMap((plan) => [...verifyKeys(db, plan), ...verifyCounters(db, plan)])];
}

function verifyLog(db: Database, meta: Meta): string[] {
  const { head, floors } = meta.logState();
  const last = db.prepare('SELECT max(position) AS position FROM log').get() as { position: number | null };
  const wrong: string[] = [];
  if ((last.position ?? 0) > head) wrong.push(`The log's head is ${head}, but it holds an event at ${last.position}.`);
  const low = Math.max(floors.history, floors.passing);
  const { count } = db.prepare('SELECT count(*) AS count FROM log WHERE position > ?').get(low) as { count: number };
  if (count !== head - low)
    wrong.push(`The log has ${count} events above ${low} where its head of ${head} says ${head - low}.`);
  return wrong;
}

function documents(db: Database, plan: Plan): Iterable<{ id: string; doc: string }> {
  return db.prepare(`SELECT id, doc FROM ${docTable(plan.name)}`).iterate() as Iterable<{ id: string; doc: string }>;
}

function verifyKeys(db: Database, plan: Plan): string[] {
  const wrong: string[] = [];
  for (const [name, spec] of Object.entries(plan.keys)) {
    const table = keyTable(plan.name, name);
    const equal = columns(spec.paths.length)
      .map((column) => `${column} = ? AND`)
      .join(' ');
    const has = db.prepare(`SELECT 1 FROM ${table} WHERE ${equal} id = ?`);
    const missing: string[] = [];
    let due = 0;
    for (const { id, doc } of documents(db, plan)) {
      for (const values of entriesOf(valuesAt(JSON.parse(doc), pathsOfKey(spec)))) {
        due += 1;
        if (!has.get(...values, id))
          missing.push(`Key ${name} of ${plan.name} lacks ${JSON.stringify(values)} of ${id}.`);
      }
    }
    const { count } = db.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number };
    wrong.push(...missing.slice(0, TOLD));
    if (count !== due) wrong.push(`Key ${name} of ${plan.name} has ${count} entries, the documents make ${due}.`);
  }
  return wrong;
}

function verifyCounters(db: Database, plan: Plan): string[] {
  const wrong: string[] = [];
  for (const [name, spec] of Object.entries(plan.counters)) {
    const difference = new Map<string, number>();
    const add = (values: readonly unknown[], delta: number) => {
      const group = JSON.stringify(values);
      difference.set(group, (difference.get(group) ?? 0) + delta);
    };
    for (const { doc } of documents(db, plan)) {
      for (const values of entriesOf(valuesAt(JSON.parse(doc), pathsOfCounter(spec)))) add(values, 1);
    }
    const rows = db.prepare(`SELECT * FROM ${counterTable(plan.name, name)}`).iterate() as Iterable<
      Record<string, number>
    >;
    for (const { count = 0, ...values } of rows) add(Object.values(values), -count);
    const differing = [...difference].filter(([, delta]) => delta !== 0);
    for (const [group, delta] of differing.slice(0, TOLD)) {
      wrong.push(
        `Counter ${name} of ${plan.name} is ${delta > 0 ? 'short' : 'over'} by ${Math.abs(delta)} at ${group}.`,
      );
    }
  }
  return wrong;
}
