/** SQLite by hand: prepared statements on one connection in this thread, the write-ahead log synced at every commit. */
import { join } from 'node:path';
import { bindingName, openDatabase } from '@numberyard/kit/storage/embedded/binding';
import { type Item, PAGE, type Subject, type Unit } from './subject.js';

const TABLES = `
  CREATE TABLE docs(
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, owner TEXT NOT NULL, status TEXT NOT NULL, number TEXT NOT NULL, doc TEXT NOT NULL);
  CREATE UNIQUE INDEX docs_number ON docs(number);
  CREATE INDEX docs_status ON docs(owner, status, number, id);
  CREATE TABLE log(position INTEGER PRIMARY KEY, type TEXT NOT NULL, entity TEXT NOT NULL, time TEXT NOT NULL, body TEXT NOT NULL);
  CREATE INDEX log_entity ON log(entity, position);
`;

export function openRawSqlite(folder: string): Subject {
  const db = openDatabase(join(folder, 'raw.sqlite'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec('PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000');
  db.exec(TABLES);
  const insert = db.prepare('INSERT INTO docs VALUES (?, ?, ?, ?, ?, ?)');
  const update = db.prepare(
    'UPDATE docs SET version = version + 1, owner = ?, status = ?, number = ?, doc = ? WHERE id = ? AND version = ?',
  );
  const append = db.prepare('INSERT INTO log(type, entity, time, body) VALUES (?, ?, ?, ?)');
  const byId = db.prepare('SELECT version, doc FROM docs WHERE id = ?');
  const byNumber = db.prepare('SELECT version, doc FROM docs WHERE number = ?');
  const page = db.prepare(
    `SELECT version, doc FROM docs WHERE owner = ? AND status = ? AND (number, id) > (?, ?) ORDER BY number, id LIMIT ${PAGE}`,
  );
  const head = db.prepare('SELECT max(position) AS head FROM log');
  const readLog = db.prepare('SELECT * FROM log WHERE position > ? ORDER BY position LIMIT 1000');
  const followers = new Set<() => void>();

  function put({ doc, event }: Unit): void {
    const { id, version, owner, status, number } = doc;
    const json = JSON.stringify({ ...doc, version: undefined });
    if (version === 0) insert.run(id, 1, owner, status, number, json);
    else if (update.run(owner, status, number, json, id, version).changes !== 1) throw new Error(`${id} is stale`);
    const { type, entity, time, ...body } = event;
    append.run(type, entity, time, JSON.stringify(body));
  }

  return {
    name: bindingName,
    write(units) {
      db.exec('BEGIN IMMEDIATE');
      units.forEach(put);
      db.exec('COMMIT');
      // Once this is answered, as a doorbell would.
      for (const ring of followers) setImmediate(ring);
      return Promise.resolve();
    },
    byId: (id) => Promise.resolve(itemOf(byId.get(id))),
    byNumber: (number) => Promise.resolve(itemOf(byNumber.get(number))),
    pageAfter: ({ owner, status, number, id }) =>
      Promise.resolve(page.all(owner, status, number, id).flatMap((row) => itemOf(row) ?? [])),
    follow(told) {
      let position = (head.get() as { head: number | null }).head ?? 0;
      const ring = () => {
        for (const row of readLog.all(position) as { position: number; entity: string; body: string }[]) {
          position = row.position;
          told({ ...(JSON.parse(row.body) as object), entity: row.entity });
        }
      };
      followers.add(ring);
      return Promise.resolve(() => Promise.resolve(void followers.delete(ring)));
    },
    close: () => Promise.resolve(db.close()),
  };
}

function itemOf(row: unknown): Item | undefined {
  if (row === undefined) return undefined;
  const { version, doc } = row as { version: number; doc: string };
  return Object.assign(JSON.parse(doc) as Item, { version });
}
