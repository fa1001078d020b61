import { save } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { fieldsOf } from '@numberyard/schema/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyAudit } from '../../src/commands/apply-audit.js';
import { activeAudits, auditBatches } from '../../src/models/audit-runs.js';
import { lastFindings } from '../../src/models/findings.js';
import { numberServices } from '../../src/models/number-services.js';
import { device } from './owners.js';
import { reseller, World } from './process.js';
import { service } from './service.js';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const number = (index: number) => `+4930${String(index).padStart(5, '0')}`;

/** A customer with something of everything. */
async function drift(): Promise<void> {
  const { owners } = world;
  owners.register('created', number(1));
  owners.register('marked', number(2));
  owners.keep(number(2));
  owners.keep(number(3), [device('gone')]);
  owners.register('changed', number(4));
  owners.keep(number(4), [device('other')]);
  owners.register('right', number(5));
  owners.keep(number(5), [device('right')]);
  owners.keep(number(6));
  owners.register('back', number(7));
  owners.keep(number(7), [], { status: 'COOLING' });
  owners.keep(number(8), [], { status: 'COOLING' });
  owners.register('waits', number(9));
  owners.keep(number(9), [device('waits')], { status: 'RESERVED' });
  owners.keep(number(10), [{ source: 'ASSIGNMENT', ref: 'order 7', usage: 'USER', vendor: null }]);
  await world.serve('pilot', number(11));
  await world.serve('pilot5', number(5));
}

describe('a run', () => {
  test('of a customer without anything succeeds without a finding', async () => {
    const run = await world.audit();
    expect(run).toMatchObject({ state: 'SUCCEEDED', compared: 0, total: 0, findings: 0, phase: 'NUMBERS' });
    expect(await world.store.get(activeAudits, 'acme')).toBeUndefined();
  });

  test('corrects what differs, tells it number by number, and counts', async () => {
    await drift();
    const run = await world.audit();
    const found = await world.findings(run.id);
    expect(found.map(({ number, kind, outcome }) => [number, kind, outcome])).toEqual([
      [number(1), 'CREATED', 'APPLIED'],
      [number(2), 'MARKED_USED', 'APPLIED'],
      [number(3), 'FREED', 'APPLIED'],
      [number(4), 'USES_CORRECTED', 'APPLIED'],
      [number(5), 'VENDOR_CONFLICT', 'REPORTED'],
      [number(5), 'USES_CORRECTED', 'APPLIED'],
      [number(7), 'SKIPPED_COOLING', 'REPORTED'],
      [number(9), 'SKIPPED_RESERVED', 'REPORTED'],
      [number(11), 'CREATED', 'APPLIED'],
    ]);
    expect(run).toMatchObject({
      state: 'SUCCEEDED',
      compared: 11,
      total: 9,
      counts: { created: 2, updated: 4, unchanged: 2, skipped: 3, conflicts: 1 },
      findings: 9,
      attempts: 1,
    });
    expect(found.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(run.findingCounts).toContainEqual({ kind: 'USES_CORRECTED', count: 2 });
    expect(await world.store.get(auditBatches, run.id)).toBeUndefined();
  });

  test('that comes after it corrects nothing and writes only the standing findings', async () => {
    await drift();
    await world.audit();
    world.owners.corrected.length = 0;
    const again = await world.audit();
    expect(world.owners.corrected).toEqual([]);
    expect((await world.findings(again.id)).map(({ kind }) => kind)).toEqual([
      'VENDOR_CONFLICT',
      'SKIPPED_COOLING',
      'SKIPPED_RESERVED',
    ]);
    expect(again.counts).toEqual({ created: 0, updated: 0, unchanged: 8, skipped: 3, conflicts: 1 });
  });

  test('that is dry proposes the same and changes nothing; applied it makes the same of the inventory', async () => {
    await drift();
    const before = JSON.stringify([...world.owners.numbers]);
    const dry = await world.audit({ dryRun: true });
    expect(JSON.stringify([...world.owners.numbers])).toBe(before);
    expect((await world.findings(dry.id)).map(({ outcome }) => outcome)).not.toContain('APPLIED');
    const outcome = await applyAudit(world.context, reseller, { run: dry.id });
    const applied = await world.ended(outcome.ok ? outcome.value.id : '');
    expect(applied).toMatchObject({
      state: 'SUCCEEDED',
      trigger: 'APPLY',
      applies: dry.id,
      compared: 6,
      total: 6,
      counts: { created: 2, updated: 4 },
    });
    expect(await world.run(dry.id)).toMatchObject({ appliedBy: applied.id });
    const again = await world.audit();
    expect(again.counts).toMatchObject({ created: 0, updated: 0 });
  });

  test('that applies leaves alone what has changed since, and says nothing of what is right by now', async () => {
    await drift();
    const dry = await world.audit({ dryRun: true });
    world.owners.keep(number(1), [device('created')]);
    world.owners.keep(number(3), [device('gone'), device('more')]);
    const outcome = await applyAudit(world.context, reseller, { run: dry.id });
    const applied = await world.ended(outcome.ok ? outcome.value.id : '');
    const found = await world.findings(applied.id);
    expect(found.filter((finding) => finding.number === number(1))).toEqual([]);
    expect(found.find((finding) => finding.number === number(3))).toMatchObject({
      kind: 'CHANGED_MEANWHILE',
      outcome: 'REPORTED',
    });
    expect(applied.counts).toMatchObject({ unchanged: 1 });
  });

  test('keeps which finding about a number was the last, its correction before its conflicts', async () => {
    await drift();
    const run = await world.audit();
    const found = await world.findings(run.id);
    const last = await world.store.get(lastFindings, `acme:${number(5)}`);
    expect(found.find(({ id }) => id === last?.finding)).toMatchObject({ kind: 'USES_CORRECTED' });
    const again = await world.audit();
    const newer = await world.store.get(lastFindings, `acme:${number(5)}`);
    expect((await world.findings(again.id)).map(({ id }) => id)).toContain(newer?.finding);
  });

  test('tells how current each connection was when it began', async () => {
    world.owners.lastSyncs = [
      { connection: 'arm', name: 'Berlin', finishedAt: '2026-01-02T00:00:00.000Z' },
      { connection: 'new', name: 'Paris', finishedAt: null },
    ];
    expect((await world.audit()).sources).toEqual([
      { connection: 'arm', name: 'Berlin', lastSuccessfulSync: '2026-01-02T00:00:00.000Z' },
      { connection: 'new', name: 'Paris' },
    ]);
  });

  test('hands over at most 200 numbers at a time, whatever the pages', async () => {
    world.owners.pageSize = 7;
    world.owners.emptyPages = true;
    for (let index = 0; index < 450; index += 1) world.owners.register(`user${index}`, number(index));
    const run = await world.audit();
    expect(world.owners.batches.map(({ numbers }) => numbers.length)).toEqual([200, 200, 50]);
    expect(world.owners.batches.map(({ batch }) => batch)).toEqual([1, 2, 3]);
    expect(run).toMatchObject({ state: 'SUCCEEDED', counts: { created: 450 }, findings: 450, batch: 3 });
  });

  test('hands over fewer where they have many services with long names, also of what it applies', async () => {
    const lines = Array.from({ length: 30 * 40 }, (_, index) =>
      save(
        numberServices,
        service(`phone${index}`, number(Math.floor(index / 40)), {
          kind: 'PHONE',
          name: `${index}`.padEnd(128, 'x'),
          cluster: 'c'.repeat(64),
          partition: 'p'.repeat(128),
        }),
      ),
    );
    await world.commit(...lines);
    const dry = await world.audit({ dryRun: true });
    const outcome = await applyAudit(world.context, reseller, { run: dry.id });
    await world.ended(outcome.ok ? outcome.value.id : '');
    const sizes = [13, 13, 4];
    expect(world.owners.batches.map(({ numbers }) => numbers.length)).toEqual([...sizes, ...sizes]);
    expect(world.owners.corrected).toHaveLength(30);
  });

  test('hands over no more than a document may have, also where a number with as many services as it can have comes last', async () => {
    const shared = [499, 1_000, 999, 1_000].flatMap((count, index) =>
      Array.from({ length: count }, () => number(index)),
    );
    const lines = shared.map((value, index) =>
      save(
        numberServices,
        service(`${index}`.padStart(16, '0'), value, {
          kind: 'MULTI_VENDOR_PHONE',
          vendor: 'v'.repeat(64),
          name: `${index}`.padEnd(128, 'x'),
          cluster: 'c'.repeat(64),
          partition: 'p'.repeat(128),
        }),
      ),
    );
    await world.commit(...lines);
    expect(await world.audit()).toMatchObject({ state: 'SUCCEEDED', counts: { created: 4 } });
    // Its owner keeps it as JSON within a document.
    const sizes = world.owners.batches.map((batch) => JSON.stringify(JSON.stringify(batch)).length);
    expect(Math.max(...sizes)).toBeLessThan(1_000_000);
  });

  test('gathers all uses of one number however many pages they fill', async () => {
    world.owners.pageSize = 3;
    const refs = Array.from({ length: 10 }, (_, index) => `user${index}`);
    for (const ref of refs) world.owners.register(ref, number(1));
    world.owners.keep(number(1), refs.map(device));
    world.owners.keep(number(2));
    expect(await world.audit()).toMatchObject({ compared: 2, counts: { unchanged: 2 }, batch: 0 });
  });

  test('reads the services again before it hands a number over', async () => {
    await world.serve('pilot', number(1));
    world.owners.keep(number(1));
    let seen = false;
    world.around = async (name, call) => {
      const result = await call();
      if (name === 'find byNumber') seen = true;
      return result;
    };
    let removed = false;
    world.owners.onCall = async (name) => {
      if (name !== 'auditedNumbers' || removed) return;
      removed = true;
      // The merge has the service by now, and it goes before the merge has the number.
      await waitUntil('the services to be read', () => seen);
      await world.unserve('pilot');
    };
    expect(await world.audit()).toMatchObject({ state: 'SUCCEEDED', counts: { unchanged: 1 }, findings: 0 });
    expect(world.owners.batches.map(({ numbers }) => numbers)).toEqual([
      [{ number: number(1), mark: 'acme AVAILABLE ', services: [] }],
    ]);
  });

  test('asks again after corrections that are not done yet, with the same batch', async () => {
    await drift();
    world.owners.pending = 3;
    let calls = 0;
    world.owners.onCall = (name) => {
      // The first answer is lost on its way.
      if (name === 'corrected' && (calls += 1) === 1) throw new Error('the answer was lost');
    };
    const run = await world.audit();
    expect(run).toMatchObject({ state: 'SUCCEEDED', counts: { created: 2, updated: 4 } });
    expect(new Set(world.owners.batches.map((batch) => JSON.stringify(batch))).size).toBe(1);
    expect(world.owners.batches).toHaveLength(5);
  });

  test('tells its life through the log, the last event when it has ended', async () => {
    await drift();
    const run = await world.audit();
    const { events } = await world.store.log.read({ after: 0, limit: 1_000 });
    const told = events.map((event) => fieldsOf(event, 'AuditRunUpdated')).filter((fields) => fields?.run === run.id);
    expect(told[0]).toEqual({ run: run.id, customer: 'acme', change: 'QUEUED', state: 'QUEUED' });
    expect(told[1]).toMatchObject({ change: 'PROGRESSED', state: 'RUNNING' });
    expect(told.at(-1)).toMatchObject({ change: 'FINISHED', state: 'SUCCEEDED' });
    expect(events.every(({ path }) => path === 'p.acme')).toBe(true);
  });
});

describe('duplicates', () => {
  test('are told once for each name and MAC, with the documented error and the clusters', async () => {
    const profile = (id: string, name: string, cluster: string, line = 1) =>
      service(id, number(Number(id.slice(1))), { kind: 'DEVICE_PROFILE', name, cluster, line });
    const phone = (id: string, name: string, mac: string, cluster: string) =>
      service(id, number(Number(id.slice(1))), { kind: 'PHONE', name, mac, cluster });
    await world.commit(
      ...[
        profile('a1', 'Sales', 'east'),
        profile('a2', 'Sales', 'east', 2),
        profile('a3', 'Sales', 'west'),
        profile('a4', 'Support', 'east'),
        phone('b5', 'SEP1', '001122334455', 'east'),
        phone('b6', 'SEP1', '001122334455', 'west'),
        phone('b7', 'SEP2', '001122334466', 'west'),
      ].map((each) => save(numberServices, each)),
    );
    const run = await world.audit();
    expect((await world.findings(run.id)).slice(0, 2)).toMatchObject([
      {
        kind: 'DUPLICATE_DEVICE_PROFILE',
        path: 'p.acme',
        cause:
          'Duplicate device profiles (same profile name) in different clusters. Device profile Sales is in cluster east and in cluster west.',
      },
      {
        kind: 'DUPLICATE_PHONE',
        cause:
          'Duplicate phones (same MAC) in different clusters. MAC 001122334455 (SEP1) is in cluster east and in cluster west.',
      },
    ]);
    expect(run.counts).toMatchObject({ created: 7, conflicts: 2 });
  });

  test('of a number are told with every audit, and the number is audited all the same', async () => {
    await world.serve('a', number(1), { cluster: 'east', partition: 'P1' });
    await world.serve('b', number(1), { cluster: 'east', partition: 'P2', kind: 'CTI_ROUTE_POINT' });
    await world.serve('teams', number(1), { kind: 'TEAMS_USER' });
    const kinds = async (run: string) => (await world.findings(run)).map(({ kind }) => kind);
    expect(await kinds((await world.audit()).id)).toEqual(['DUPLICATE_NUMBER', 'VENDOR_CONFLICT', 'CREATED']);
    const [duplicate] = await world.findings((await world.audit()).id);
    expect(duplicate).toMatchObject({ kind: 'DUPLICATE_NUMBER', number: number(1), numberId: `acme:${number(1)}` });
    expect(duplicate?.cause).toBe(
      'Same internal number in one or more clusters. The number belongs to CTI route point b (cluster east, partition P2) and hunt pilot a (cluster east, partition P1).',
    );
  });

  test('at level SITE are those that an audited site has a part in', async () => {
    const sales = { kind: 'DEVICE_PROFILE', name: 'Sales' } as const;
    await world.serve('a', number(1), { ...sales, cluster: 'east', node: 'berlin' });
    await world.serve('b', number(2), { ...sales, cluster: 'west' });
    const kinds = async (sites: string[]) =>
      (await world.findings((await world.audit({ level: 'SITE', sites, dryRun: true })).id)).map(({ kind }) => kind);
    expect(await kinds(['berlin'])).toContain('DUPLICATE_DEVICE_PROFILE');
    expect(await kinds(['paris'])).not.toContain('DUPLICATE_DEVICE_PROFILE');
  });
});
