/** How SQLite carries out what pages, counts and histories of numbers ask of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@numberyard/kit/storage/embedded/binding';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { Reader } from '@numberyard/kit/storage/embedded/reader';
import { expect, test, vi } from 'vitest';
import { countNumbers, findNumbers } from '../src/commands/find-numbers.js';
import type { NumberFilter } from '../src/commands/number-filter.js';
import { numberAt, numberHistory } from '../src/commands/number-history.js';
import { orderOf } from '../src/commands/number-order.js';
import { newNumber } from '../src/domain/number.js';
import { collections } from '../src/models/collections.js';
import { saveNode } from '../src/models/node.js';
import { saveNumber } from '../src/models/number.js';

const NOW = '2026-01-01T00:00:00.000Z';
const KINDS: NumberFilter[] = [{}, { status: ['AVAILABLE', 'COOLING'] }, { vendor: '' }];
const OTHERS: NumberFilter[] = [
  {},
  { startsWith: '1' },
  { tag: 'lab' },
  { connection: 'one' },
  { connection: 'one', tag: 'lab' },
];
const STRETCHES: NumberFilter[] = [{}, { endsWith: '5' }, { releaseDateFrom: NOW, releaseDateBefore: NOW }];

test('every page, count and history goes by a key: nothing is sorted, no table of documents is scanned', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-'));
  const store = await openEmbeddedStore({ folder, name: 'plans', collections });
  const asked = new Set<string>();
  const statement = vi.spyOn(Reader.prototype, 'statement');
  try {
    const place = { customer: 'c', node: 's', path: 'p.c.s' };
    const made = Array.from({ length: 300 }, (_, index) => ({
      ...newNumber(place, String(1_000 + index), NOW),
      ownTag: 'lab',
    }));
    const node = { name: 'x', retired: false, createdAt: NOW };
    const nodes = [
      saveNode({ ...node, id: 'p', type: 'PROVIDER', parent: '', path: 'p' }, 0),
      saveNode({ ...node, id: 'c', type: 'CUSTOMER', parent: 'p', path: 'p.c', numberManagement: true }, 0),
      saveNode({ ...node, id: 's', type: 'SITE', parent: 'c', path: 'p.c.s' }, 0),
    ];
    const saved = await store.commit({
      save: [...nodes, ...made.map((number) => saveNumber(number, 0))],
      trusted: true,
    });
    expect(saved.ok).toBe(true);
    for (const kind of KINDS)
      for (const other of OTHERS)
        for (const stretch of STRETCHES) {
          const filter = { ...kind, ...other, ...stretch };
          const forced = orderOf(filter, null).field;
          for (const field of forced === 'NUMBER' ? (['NUMBER', 'RELEASE_DATE', 'ENDING'] as const) : [forced])
            for (const direction of ['ASC', 'DESC'] as const)
              for (const within of [
                { id: 'p', path: 'p' },
                { id: 'c', path: 'p.c' },
                { id: 's', path: 'p.c.s' },
              ]) {
                const query = { within, filter, order: { field, direction } };
                const { after } = await findNumbers(store, { ...query, limit: 5 });
                if (after) await findNumbers(store, { ...query, limit: 5, after });
                await countNumbers(store, query);
              }
        }
    await numberHistory(store, 'c:1000', 10, undefined);
    await numberAt(store, 'c:1000', NOW);
    for (const [sql] of statement.mock.calls) asked.add(sql);
    const db = openDatabase(join(folder, 'plans.sqlite'));
    const problems: string[] = [];
    for (const sql of asked) {
      const steps = db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...Array.from({ length: sql.split('?').length - 1 }, () => 1));
      const plan = (steps as { detail: string }[]).map(({ detail }) => detail).join('; ');
      if (/TEMP B-TREE|SCAN (c_|log)|AUTOMATIC/.test(plan)) problems.push(`${plan}: ${sql}`);
    }
    db.close();
    expect(asked.size).toBeGreaterThan(50);
    expect(problems).toEqual([]);
  } finally {
    statement.mockRestore();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
