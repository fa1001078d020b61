import { systemClock } from '@numberyard/kit/clock/system-clock';
import { save } from '@numberyard/kit/storage/port';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyAudit } from '../../src/commands/apply-audit.js';
import { cancelAudit } from '../../src/commands/cancel-audit.js';
import { leaveOutAudit, queueAudit } from '../../src/commands/queue-audit.js';
import { startAudit, type StartAuditInput } from '../../src/commands/start-audit.js';
import { auditRuns } from '../../src/models/audit-runs.js';
import { reseller, World } from './process.js';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const start = (input: Partial<StartAuditInput> = {}, identity = reseller) =>
  startAudit(world.context, identity, { customer: 'acme', level: 'CUSTOMER', dryRun: false, ...input });

const codesOf = (outcome: Awaited<ReturnType<typeof start>>) =>
  outcome.ok ? [] : outcome.refusals.map(({ code, field }) => [code, field]);

describe('an audit is refused', () => {
  const sites = Array.from({ length: 201 }, (_, index) => `s${index}`);
  test.each<[string, Partial<StartAuditInput>, [string, string][]]>([
    ['of a node that is not there', { customer: 'nowhere' }, [['NOT_FOUND', 'customer']]],
    ['of a site: "choose a valid customer hierarchy"', { customer: 'berlin' }, [['WRONG_NODE_TYPE', 'customer']]],
    ['of a provider', { customer: 'p', level: 'SITE', sites: ['berlin'] }, [['WRONG_NODE_TYPE', 'customer']]],
    ['of Specific sites with none', { level: 'SITE', sites: [] }, [['REQUIRED', 'sites']]],
    ['of more sites than 200', { level: 'SITE', sites }, [['OUT_OF_RANGE', 'sites']]],
    ['of a site twice', { level: 'SITE', sites: ['berlin', 'paris', 'berlin'] }, [['DUPLICATE_SITE', 'sites.2']]],
    ["of another customer's site", { level: 'SITE', sites: ['berlin', 'rome'] }, [['FOREIGN_SITE', 'sites.1']]],
    [
      'of a site that is none',
      { level: 'SITE', sites: ['acme', 'nowhere'] },
      [
        ['FOREIGN_SITE', 'sites.0'],
        ['FOREIGN_SITE', 'sites.1'],
      ],
    ],
    ['of sites at level CUSTOMER', { sites: ['berlin'] }, [['INVALID', 'sites']]],
    ['with an idempotency key that is none', { idempotencyKey: '' }, [['OUT_OF_RANGE', 'idempotencyKey']]],
  ])('%s', async (_sentence, input, codes) => {
    expect(codesOf(await start(input))).toEqual(codes);
    expect((await world.store.log.state()).head).toBe(0);
  });

  const change = (fields: object) => {
    const acme = world.owners.nodes.get('acme');
    if (acme) world.owners.nodes.set('acme', { ...acme, ...fields });
  };

  test('while number management is disabled for the customer, whatever the level', async () => {
    change({ numberManagement: false });
    expect(codesOf(await start())).toEqual([['NUMBER_MANAGEMENT_OFF', 'customer']]);
    expect(codesOf(await start({ level: 'SITE' }))).toEqual([['NUMBER_MANAGEMENT_OFF', 'customer']]);
  });

  test('at level CUSTOMER under a dial plan with site location codes, and not at level SITE', async () => {
    change({ dialPlan: 'SITE_LOCATION_CODES' });
    expect(codesOf(await start())).toEqual([['DIAL_PLAN', 'level']]);
    expect(codesOf(await start({ level: 'SITE' }))).toEqual([]);
  });

  test('of a customer that is retired', async () => {
    change({ retired: true });
    expect(codesOf(await start())).toEqual([['INVALID', 'customer']]);
  });

  test('of a customer the caller does not see, as if it were not there', async () => {
    const elsewhere = { ...reseller, node: 'zeta', path: 'p.zeta' };
    expect(codesOf(await start({}, elsewhere))).toEqual([['NOT_FOUND', 'customer']]);
    const run = await world.begin();
    expect(await cancelAudit(world.context, elsewhere, { run: run.id })).toMatchObject({
      refusals: [{ code: 'NOT_FOUND' }],
    });
    expect(await applyAudit(world.context, elsewhere, { run: run.id })).toMatchObject({
      refusals: [{ code: 'NOT_FOUND' }],
    });
  });

  test('while the customer has one that has not ended, and of ten at once all but one', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => start()));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.flatMap(codesOf)).toEqual(Array.from({ length: 9 }, () => ['AUDIT_ACTIVE', 'customer']));
    expect(codesOf(await start({ customer: 'zeta' }))).toEqual([]);
  });
});

describe('an audit that is asked for', () => {
  test('again with its key is the same one, however it has ended; with another input the key is refused', async () => {
    const idempotencyKey = 'k1';
    const first = await start({ idempotencyKey });
    world.start();
    const run = await world.ended(first.ok ? first.value.id : '');
    expect(await start({ idempotencyKey })).toEqual({ ok: true, value: run });
    expect(await start({ idempotencyKey, sites: null })).toEqual({ ok: true, value: run });
    expect(codesOf(await start({ idempotencyKey, dryRun: true }))).toEqual([
      ['IDEMPOTENCY_KEY_REUSED', 'idempotencyKey'],
    ]);
  });

  test('at level SITE remembers its sites, and none for all', async () => {
    expect(await start({ level: 'SITE', sites: ['paris', 'berlin'] })).toMatchObject({
      value: { level: 'SITE', sites: ['paris', 'berlin'], state: 'QUEUED', startedBy: 'Rita', trigger: 'MANUAL' },
    });
    const all = await start({ customer: 'zeta', level: 'SITE' });
    expect(all.ok && all.value.sites).toBeUndefined();
  });

  test('by a schedule is queued like any other, or left out where the customer has one', async () => {
    const wanted = {
      customer: 'acme',
      path: 'p.acme',
      level: 'CUSTOMER',
      dryRun: true,
      trigger: 'SCHEDULE',
      startedBy: 'schedule',
      actor: { type: 'WORKER', id: 'audit.schedules' },
      time: '2026-01-01T00:00:00.000Z',
    } as const;
    const queued = queueAudit(wanted);
    expect(await world.store.commit(queued.commit)).toMatchObject({ ok: true });
    expect(await world.store.commit(queueAudit(wanted).commit)).toMatchObject({ ok: false });
    const left = leaveOutAudit(wanted);
    expect(await world.store.commit(left.commit)).toMatchObject({ ok: true });
    expect(await world.run(left.run.id)).toMatchObject({
      state: 'CANCELLED',
      trigger: 'SCHEDULE',
      error: { code: 'AUDIT_ACTIVE' },
      finishedAt: wanted.time,
    });
    world.start();
    expect(await world.ended(queued.run.id)).toMatchObject({ state: 'SUCCEEDED' });
  });
});

describe('applying is refused', () => {
  const apply = (run: string, idempotencyKey?: string) =>
    applyAudit(world.context, reseller, { run, ...(idempotencyKey !== undefined && { idempotencyKey }) });

  test('of what was no dry run', async () => {
    const run = await world.audit();
    expect(await apply(run.id)).toMatchObject({ refusals: [{ code: 'NOT_APPLICABLE', field: 'run' }] });
  });

  test('of a dry run that has not succeeded', async () => {
    const run = await world.begin({ dryRun: true });
    expect(await apply(run.id)).toMatchObject({ refusals: [{ code: 'NOT_APPLICABLE' }] });
    await cancelAudit(world.context, reseller, { run: run.id });
    expect(await apply(run.id)).toMatchObject({ refusals: [{ code: 'NOT_APPLICABLE' }] });
  });

  test('the second time, unless it is the same request', async () => {
    const run = await world.audit({ dryRun: true });
    const first = await apply(run.id, 'k');
    expect(first).toMatchObject({ ok: true, value: { trigger: 'APPLY', applies: run.id, dryRun: false } });
    await world.ended(first.ok ? first.value.id : '');
    expect(await apply(run.id, 'k')).toMatchObject({ ok: true, value: { applies: run.id } });
    expect(await apply(run.id)).toMatchObject({ refusals: [{ code: 'NOT_APPLICABLE' }] });
  });

  test('while the customer has another audit, or cannot be audited by now', async () => {
    const run = await world.audit({ dryRun: true });
    await world.stop();
    const other = await world.begin();
    expect(await apply(run.id)).toMatchObject({ refusals: [{ code: 'AUDIT_ACTIVE', field: 'run' }] });
    await cancelAudit(world.context, reseller, { run: other.id });
    const acme = world.owners.nodes.get('acme');
    if (acme) world.owners.nodes.set('acme', { ...acme, numberManagement: false });
    expect(await apply(run.id)).toMatchObject({ refusals: [{ code: 'NUMBER_MANAGEMENT_OFF', field: 'run' }] });
  });
});

describe('an audit fails', () => {
  test('when number management was switched off before it began', async () => {
    const { id } = await world.begin();
    const acme = world.owners.nodes.get('acme');
    if (acme) world.owners.nodes.set('acme', { ...acme, numberManagement: false });
    world.start();
    expect(await world.ended(id)).toMatchObject({ state: 'FAILED', error: { code: 'NUMBER_MANAGEMENT_OFF' } });
    expect(codesOf(await start({ customer: 'zeta' }))).toEqual([]);
  });

  test('when it is switched off while it runs, with what it had corrected', async () => {
    for (let index = 0; index < 300; index += 1) world.owners.register(`user${index}`, `+49${1_000 + index}`);
    const { id } = await world.begin();
    world.owners.onCall = (name) => {
      const acme = world.owners.nodes.get('acme');
      if (name === 'corrected' && acme) world.owners.nodes.set('acme', { ...acme, numberManagement: false });
    };
    world.start();
    const run = await world.ended(id);
    expect(run).toMatchObject({ state: 'FAILED', error: { code: 'NUMBER_MANAGEMENT_OFF' }, counts: { created: 200 } });
    expect(await world.findings(id)).toHaveLength(200);
    expect(world.owners.corrected).toHaveLength(200);
  });

  test('when the dial plan has site location codes by the time it begins', async () => {
    const { id } = await world.begin();
    const acme = world.owners.nodes.get('acme');
    if (acme) world.owners.nodes.set('acme', { ...acme, dialPlan: 'SITE_LOCATION_CODES' });
    world.start();
    expect(await world.ended(id)).toMatchObject({ state: 'FAILED', error: { code: 'DIAL_PLAN' } });
  });

  test('for a reason of our own without telling it to clients', async () => {
    const run = await world.begin();
    await world.commit(save(auditRuns, { ...run, applies: 'gone', trigger: 'APPLY', customer: 'acme' }));
    world.owners.nodes.delete('acme');
    world.start();
    const { error, state } = await world.ended(run.id);
    expect(state).toBe('FAILED');
    expect(error).toEqual({ code: 'INTERNAL', message: 'Numberyard could not carry out the audit; the log says why.' });
  });
});

describe('a source that is away', () => {
  let clock: TestClock;
  let slow: World;
  beforeEach(async () => {
    clock = new TestClock();
    slow = await World.open({ clock });
  });
  afterEach(() => slow.close());

  /** Moves the clock while something is awaited. */
  async function whileTimePasses<T>(wanted: Promise<T>, step: number): Promise<T> {
    const done = { now: false };
    const settled = wanted.finally(() => (done.now = true));
    while (!done.now) {
      clock.advance(step);
      await systemClock.sleep(1);
    }
    return settled;
  }

  test('for some minutes is waited for', async () => {
    const until = clock.now() + 200_000;
    slow.owners.onCall = (name) => {
      if (name === 'auditedNumbers' && clock.now() < until) throw new Error('away');
    };
    slow.owners.keep('+491');
    expect(await whileTimePasses(slow.audit(), 500)).toMatchObject({ state: 'SUCCEEDED', compared: 1, attempts: 1 });
  });

  test('for longer fails the audit', async () => {
    slow.owners.onCall = (name) => {
      if (name === 'numberUses') throw new Error('away');
    };
    const run = await whileTimePasses(slow.audit(), 2_000);
    expect(run).toMatchObject({ state: 'FAILED', error: { code: 'SOURCE_UNAVAILABLE' } });
    expect(run.error?.message).toContain('connections');
  });

  test('with corrections under way is waited for without an end', async () => {
    slow.owners.register('user', '+491');
    const until = clock.now() + 3_600_000;
    slow.owners.onCall = (name) => {
      if (name === 'corrected' || (name === 'correctNumbers' && clock.now() < until)) throw new Error('away');
    };
    const ended = slow.audit();
    await whileTimePasses(
      waitUntil('the hour to pass', () => clock.now() > until),
      10_000,
    );
    expect(await whileTimePasses(ended, 2_000)).toMatchObject({ state: 'SUCCEEDED', counts: { created: 1 } });
    expect(slow.owners.corrected).toHaveLength(1);
  });
});
