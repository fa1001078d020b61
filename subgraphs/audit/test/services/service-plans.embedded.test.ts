/** How SQLite carries out what lists and imports of services ask of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@numberyard/kit/storage/embedded/binding';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { Reader } from '@numberyard/kit/storage/embedded/reader';
import { save } from '@numberyard/kit/storage/port';
import { expect, test, vi } from 'vitest';
import { newService } from '../../src/commands/services/create-number-service.js';
import { holdersOfMacs, holdersOfNames } from '../../src/commands/services/holders.js';
import { listNumberServices } from '../../src/commands/services/list-number-services.js';
import { collections } from '../../src/models/collections.js';
import { numberServices } from '../../src/models/number-services.js';
import { identity } from './desk.js';

const EXPECT = { collection: 'mirroredNodes', id: 'berlin', version: 1 };
const PLACE = { customer: 'acme', node: 'berlin', path: 'provider.reseller.acme.region.berlin', expect: EXPECT };

test('every page of services, and every look at who has a name or MAC, goes by a key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-'));
  const store = await openEmbeddedStore({ folder, name: 'plans', collections });
  const statement = vi.spyOn(Reader.prototype, 'statement');
  try {
    const services = Array.from({ length: 600 }, (_, index) => {
      const mac = index.toString(16).padStart(12, '0').toUpperCase();
      const edit = { name: `SEP${mac}`, number: String(4_000 + index), mac, line: 1 + (index % 3) };
      return newService(`s${index}`, PLACE, 'PHONE', edit, '2026-01-01T00:00:00.000Z');
    });
    await store.commit({ save: services.map((service) => save(numberServices, service)), trusted: true });
    const hierarchy = { node: async () => undefined, visibleNode: async () => undefined };
    const deps = { store, hierarchy };
    for (const kind of [null, 'PHONE'] as const)
      for (const condition of [{}, { number: '4007' }, { nameStartsWith: 'SEP0' }]) {
        const args = { filter: { kind, ...condition }, first: 5 };
        const { edges, pageInfo } = await listNumberServices(deps, identity('acme'), args);
        expect(edges.length).toBeGreaterThan(0);
        if (pageInfo.hasNextPage)
          await listNumberServices(deps, identity('acme'), { ...args, after: pageInfo.endCursor });
      }
    expect((await holdersOfNames(store, services)).size).toBe(600);
    expect((await holdersOfMacs(store, services)).size).toBe(600);
    const db = openDatabase(join(folder, 'plans.sqlite'));
    const asked = new Set(statement.mock.calls.map(([sql]) => sql));
    const problems: string[] = [];
    for (const sql of asked) {
      const steps = db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...Array.from({ length: sql.split('?').length - 1 }, () => 1));
      const plan = (steps as { detail: string }[]).map(({ detail }) => detail).join('; ');
      if (/TEMP B-TREE|SCAN (c_|log)|AUTOMATIC/.test(plan)) problems.push(`${plan}: ${sql}`);
    }
    db.close();
    expect(asked.size).toBeGreaterThan(8);
    expect(problems).toEqual([]);
  } finally {
    statement.mockRestore();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
