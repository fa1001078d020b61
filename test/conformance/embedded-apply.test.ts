/** What the embedded engine's writer makes of errors of SQLite itself. */
import { GroupApplier, OutcomeUnknown } from '@numberyard/kit/storage/embedded/apply';
import { type Database, openDatabase } from '@numberyard/kit/storage/embedded/binding';
import { planOf } from '@numberyard/kit/storage/embedded/layout';
import { Meta } from '@numberyard/kit/storage/embedded/meta';
import { alignTables } from '@numberyard/kit/storage/embedded/rebuild';
import { CollectionTables } from '@numberyard/kit/storage/embedded/tables';
import type { Group, PreparedCommit } from '@numberyard/kit/storage/prepared';
import { afterEach, describe, expect, it } from 'vitest';
import { item, items } from './fixtures.js';

const open: Database[] = [];
afterEach(() => {
  for (const db of open.splice(0)) db.close();
});

/** A writer over a database in memory whose nth COMMIT, from 1, fails as SQLite would. */
function writer(failing: number, errcode: number) {
  const real = openDatabase(':memory:');
  open.push(real);
  const plan = planOf(items);
  alignTables(real, () => new Meta(real), [plan], 'memory');
  let commits = 0;
  const db = new Proxy(real, {
    get(target, name) {
      // As on the first versions of Node that have SQLite.
      if (name === 'isTransaction') return undefined;
      if (name === 'exec')
        return (sql: string) => {
          if (sql !== 'COMMIT' || (commits += 1) !== failing) return target.exec(sql);
          target.exec('ROLLBACK');
          throw Object.assign(new Error('it failed'), { errcode });
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (...args: unknown[]): unknown => Reflect.apply(value, target, args) : value;
    },
  });
  const meta = new Meta(db);
  return new GroupApplier(db, meta, new Map([[plan.name, new CollectionTables(db, meta, plan)]]));
}

function saving(...ids: string[]): PreparedCommit {
  const save = ids.map((id) => ({ collection: 'items', id, version: 0, json: JSON.stringify(item(id)) }));
  return { expect: [], save, remove: [], events: [], documents: save.length, size: 0 };
}

const group = (...commits: PreparedCommit[]): Group => ({ id: 'g', commits });
const applied = { position: 0, versions: [1] };

describe('the writer of the embedded engine', () => {
  it('goes on after a commit for which there was no room: it is told, what was asked for with it is tried on its own', () => {
    const applier = writer(1, 13);
    expect(applier.apply(group(saving('a'), saving('b')))).toEqual([applied, applied]);
    expect(applier.apply(group(saving('c')))).toEqual([applied]);
    const alone = writer(1, 13);
    expect(alone.apply(group(saving('a')))).toEqual([{ fault: 'it failed' }]);
    expect(alone.apply(group(saving('a')))).toEqual([applied]);
  });

  it('goes on after an error within a transaction, which it has rolled back', () => {
    const applier = writer(0, 0);
    const odd = { ...saving('a'), expect: [{ collection: 'none', id: 'a', version: 1 }] };
    expect(applier.apply(group(odd))).toEqual([{ fault: expect.stringContaining('none') as string }]);
    expect(applier.apply(group(saving('a')))).toEqual([applied]);
  });

  it('ends after any other error of the durable write, whose outcome nobody knows', () => {
    expect(() => writer(1, 10).apply(group(saving('a')))).toThrow(OutcomeUnknown);
  });
});
