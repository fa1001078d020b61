import { StoreError } from '@numberyard/kit/storage/port';
import { randomFrom } from '@numberyard/kit/testing/random';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, describe, expect, test } from 'vitest';
import { cancelAudit } from '../../src/commands/cancel-audit.js';
import { auditBatches } from '../../src/models/audit-runs.js';
import { device } from './owners.js';
import { reseller, World, type Around } from './process.js';

let world: World;
afterEach(() => world.close());

const number = (index: number) => `+4930${String(index).padStart(5, '0')}`;

/** Numbers of which every third is wrong in one way or another, and some services. */
async function drift(size: number): Promise<void> {
  const { owners } = world;
  for (let index = 0; index < size; index += 1) {
    if (index % 3 > 0) {
      owners.register(`user${index}`, number(index));
      owners.keep(number(index), [device(`user${index}`)]);
    } else if (index % 2 > 0) owners.register(`user${index}`, number(index));
    else owners.keep(number(index), [device('gone')]);
  }
  await world.serve('pilot', number(5));
  await world.serve('a', number(7), { kind: 'DEVICE_PROFILE', name: 'Sales', cluster: 'east' });
  await world.serve('b', number(8), { kind: 'DEVICE_PROFILE', name: 'Sales', cluster: 'west' });
}

/** What was corrected is what the findings tell, each once, and the counts with it. */
async function agrees(run: string): Promise<void> {
  const found = await world.findings(run);
  const applied = found.filter(({ outcome }) => outcome === 'APPLIED');
  const corrected = world.owners.corrected.filter((each) => each.run === run).map(({ correction }) => correction);
  expect(applied.map(({ number, kind }) => [number, kind])).toEqual(
    corrected.map(({ number, kind }) => [number, kind]),
  );
  const { counts, findings, findingCounts } = await world.run(run);
  expect(counts.created + counts.updated).toBe(corrected.length);
  expect(findings).toBe(found.length);
  expect(found.map(({ seq }) => seq)).toEqual(found.map((_, index) => index + 1));
  for (const { kind, count } of findingCounts) expect(found.filter((each) => each.kind === kind)).toHaveLength(count);
  expect(await world.store.get(auditBatches, run)).toBeUndefined();
}

/** Kills the process at the nth thing it does, before it or after; commits and corrections are what matters. */
function killingAt(nth: number, applied: boolean): Around {
  let calls = 0;
  return async (name, call) => {
    if (name !== 'commit' && name !== 'correctNumbers') return call();
    calls += 1;
    if (calls !== nth) return call();
    if (applied) await call();
    void world.kill().then(() => {
      world.around = (_name, again) => again();
      world.start();
    });
    throw new StoreError('CLOSED', 'The process was killed.');
  };
}

describe('a process that is killed', () => {
  const points = Array.from({ length: 10 }, (_, index) => [index + 2, index % 2 > 0] as const);
  test.each(points)(
    'at the %ith thing it writes (applied: %s) leaves an audit that the next goes on with, nothing told twice or not at all',
    async (nth, applied) => {
      world = await World.open();
      await drift(900);
      world.around = killingAt(nth, applied);
      const run = await world.audit();
      expect(run).toMatchObject({ state: 'SUCCEEDED', compared: 900, counts: { unchanged: 600 - 3 } });
      expect(run.counts).toMatchObject({ created: 150, updated: 153 });
      await agrees(run.id);
      world.owners.corrected.length = 0;
      expect((await world.audit()).counts).toMatchObject({ created: 0, updated: 0, unchanged: 900 });
    },
  );

  test.each([1, 2, 3, 4])('again and again loses nothing and tells nothing twice (seed %i)', async (seed) => {
    const random = randomFrom(seed);
    world = await World.open();
    await drift(1_500);
    world.owners.pageSize = 40;
    let kills = 0;
    let left = 3 + Math.floor(random() * 20);
    const killing: Around = async (_name, call) => {
      left -= 1;
      if (left > 0 || kills >= 4) return call();
      left = 3 + Math.floor(random() * 40);
      kills += 1;
      if (random() < 0.5) await call();
      void world.kill().then(() => world.start());
      throw new StoreError('CLOSED', 'The process was killed.');
    };
    world.around = killing;
    const run = await world.audit();
    expect(run).toMatchObject({ state: 'SUCCEEDED', compared: 1_500 });
    expect(kills).toBeGreaterThan(0);
    await agrees(run.id);
    world.owners.corrected.length = 0;
    expect((await world.audit()).counts).toMatchObject({ created: 0, updated: 0 });
  });

  test('too often leaves the audit interrupted, with findings that agree with what was corrected', async () => {
    world = await World.open();
    await drift(900);
    world.around = (name, call) => {
      if (name === 'correctNumbers' && world.owners.corrected.length > 0) {
        void world.kill().then(() => world.start());
        throw new StoreError('CLOSED', 'The process was killed.');
      }
      return call();
    };
    const { id } = await world.begin();
    world.start();
    await waitUntil('the sixth attempt', async () => (await world.run(id)).attempts >= 6);
    world.around = (_name, call) => call();
    await world.kill();
    world.start();
    expect(await world.ended(id)).toMatchObject({ state: 'FAILED', error: { code: 'INTERRUPTED' } });
    await agrees(id);
  });

  test('in an orderly way puts its audit back in the queue, and that is no attempt', async () => {
    world = await World.open();
    await drift(300);
    const { id } = await world.begin();
    let held = true;
    world.owners.onCall = async (name) => {
      if (name === 'correctNumbers' && held) throw new Error('not now');
    };
    for (let restart = 0; restart < 6; restart += 1) {
      world.start();
      await waitUntil('the audit to run', async () => (await world.run(id)).state === 'RUNNING');
      await world.stop();
      expect(await world.run(id)).toMatchObject({ state: 'QUEUED', attempts: 0 });
    }
    held = false;
    world.start();
    expect(await world.ended(id)).toMatchObject({ state: 'SUCCEEDED', attempts: 1 });
    await agrees(id);
  });
});

describe('an audit that is cancelled', () => {
  test('while it waits in the queue ends at once', async () => {
    world = await World.open();
    const { id } = await world.begin();
    const outcome = await cancelAudit(world.context, reseller, { run: id });
    expect(outcome).toMatchObject({ ok: true, value: { state: 'CANCELLED' } });
    expect(await cancelAudit(world.context, reseller, { run: id })).toMatchObject({
      ok: false,
      refusals: [{ code: 'AUDIT_ENDED' }],
    });
    expect(await world.audit()).toMatchObject({ state: 'SUCCEEDED' });
  });

  test('while it runs ends between two stretches, and what it had corrected is told', async () => {
    world = await World.open();
    await drift(900);
    let id = '';
    world.owners.onCall = async (name) => {
      if (name !== 'corrected') return;
      const outcome = await cancelAudit(world.context, reseller, { run: id });
      expect(outcome).toMatchObject({ ok: true, value: { state: 'RUNNING' } });
    };
    id = (await world.begin()).id;
    world.start();
    expect(await world.ended(id)).toMatchObject({ state: 'CANCELLED', batch: 1 });
    expect(world.owners.corrected.length).toBeGreaterThan(0);
    await agrees(id);
  });

  test('while a source is away ends without waiting for it', async () => {
    world = await World.open();
    world.owners.onCall = (name) => {
      if (name === 'numberUses') throw new Error('away');
    };
    const { id } = await world.begin();
    world.start();
    await waitUntil('the audit to run', async () => (await world.run(id)).total !== undefined);
    await cancelAudit(world.context, reseller, { run: id });
    expect(await world.ended(id)).toMatchObject({ state: 'CANCELLED' });
  });

  test('with corrections under way is told of them before it ends, although its process was stopped meanwhile', async () => {
    world = await World.open();
    await drift(300);
    let held = true;
    world.owners.onCall = (name) => {
      if (name === 'corrected' && held) throw new Error('the answer was lost');
    };
    const { id } = await world.begin();
    world.start();
    await waitUntil('the corrections to be made', () => world.owners.corrected.length > 0);
    held = false;
    world.around = async (name, call) => (name === 'correctNumbers' ? Promise.reject(new Error('away')) : call());
    await world.stop();
    expect(await world.run(id)).toMatchObject({ state: 'QUEUED' });
    expect(await cancelAudit(world.context, reseller, { run: id })).toMatchObject({
      ok: true,
      value: { state: 'QUEUED' },
    });
    world.around = (_name, call) => call();
    world.start();
    expect(await world.ended(id)).toMatchObject({ state: 'CANCELLED' });
    await agrees(id);
  });

  test('and whose process is stopped while corrections are under way is told of them by the next', async () => {
    world = await World.open();
    await drift(300);
    let noticed = 0;
    world.around = async (name, call) => {
      const result = await call();
      if (name === 'correctNumbers') throw new Error('the answer was lost');
      if (name === 'get' && JSON.stringify(result ?? null).includes('"cancel":true')) noticed += 1;
      return result;
    };
    const { id } = await world.begin();
    world.start();
    await waitUntil('the corrections to be made', () => world.owners.corrected.length > 0);
    await cancelAudit(world.context, reseller, { run: id });
    await waitUntil('the runner to notice', () => noticed > 0);
    await world.stop();
    expect(await world.run(id)).toMatchObject({ state: 'QUEUED' });
    world.around = (_name, call) => call();
    world.start();
    expect(await world.ended(id)).toMatchObject({ state: 'CANCELLED' });
    await agrees(id);
  });

  test('and whose store is away while what came of corrections is written is told of them afterwards', async () => {
    world = await World.open();
    await drift(300);
    let id = '';
    let [held, noticed] = [true, 0];
    world.around = async (name, call) => {
      if (name === 'correctNumbers' && held) {
        const result = await call();
        await cancelAudit(world.context, reseller, { run: id });
        await waitUntil('the runner to notice', () => noticed > 0);
        return result;
      }
      if (name === 'commit' && held && noticed > 0) {
        held = false;
        throw new StoreError('UNAVAILABLE', 'The store is away.');
      }
      const result = await call();
      if (name === 'get' && JSON.stringify(result ?? null).includes('"cancel":true')) noticed += 1;
      return result;
    };
    id = (await world.begin()).id;
    world.start();
    expect(await world.ended(id)).toMatchObject({ state: 'CANCELLED' });
    await agrees(id);
  });
});

describe('on a store that answers conflicts at random', () => {
  test.each([1, 2, 3])('an audit comes out the same (seed %i)', async (seed) => {
    world = await World.open({ hostile: seed });
    await drift(900);
    const run = await world.audit();
    expect(run).toMatchObject({ state: 'SUCCEEDED', compared: 900, counts: { created: 150, updated: 153 } });
    await agrees(run.id);
  });
});
