/** Random lives of a connection: whatever devices, administrators and dying processes do, one calm sync brings everything in line. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { randomFrom } from '@numberyard/kit/testing/random';
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { afterEach, expect, test } from 'vitest';
import { activeRuns, syncRuns } from '../src/models/sync-runs.js';
import type { RunAnswer } from './support/answers.js';
import { CANCEL, UPDATE } from './support/operations.js';
import { PASSWORD, RUN, RUN_FIELDS, TestSubgraph } from './support/subgraph.js';
import { changesTold, mirrorOf, usesTold } from './support/users.js';

let subgraph: TestSubgraph;
afterEach(() => subgraph.close());

const DEVICES = 700;
const STEPS = 50;
const FAULTS = [
  { kind: 'failed-page', onPage: 1, status: 400 },
  { kind: 'cut-page', onPage: 1 },
  { kind: 'short-page', items: 0 },
  { kind: 'empty-list' },
  { kind: 'inconsistent-total' },
  { kind: 'mutating-list', count: 2 },
  { kind: 'unavailable', times: 1 },
  { kind: 'expired-session', times: 1 },
  { kind: 'slow-answer', milliseconds: 40 },
] as const;
const number = (index: number) => `+4930120${String(index).padStart(5, '0')}`;

async function runsOf(): Promise<RunAnswer[]> {
  const { syncRuns: page } = await subgraph.ask(`{ syncRuns(first: 500) { edges { node { ${RUN_FIELDS} } } } }`);
  return page.edges.map(({ node }) => node);
}

test.each([11, 12, 13, 14])(
  'devices that come and go, faults, cancelled runs, purges and killed processes leave nothing amiss (seed %i)',
  { timeout: 60_000 },
  async (seed) => {
    const random = randomFrom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    subgraph = await TestSubgraph.open(seed % 2 ? { hostile: seed } : {});
    const simulator = await subgraph.simulator({ users: { count: DEVICES, firstNumber: number(0) } });
    const input = { authenticationMethod: seed % 3 ? 'SESSION' : 'BASIC' };
    const { id } = await subgraph.connect(simulator, input);
    const steps: readonly (() => unknown)[] = [
      () => simulator.control.drop(number(below(DEVICES))),
      () => Array.from({ length: 520 }, () => simulator.control.drop(number(below(DEVICES)))),
      () => simulator.control.takeOffline(number(below(DEVICES))),
      () => Array.from({ length: 300 }, () => simulator.control.bringBack(number(below(DEVICES)))),
      () => simulator.control.register(number(below(DEVICES)), random() < 0.5 ? '1' : '2'),
      () => simulator.control.register(`name-${below(9)}`),
      () =>
        simulator.control.changeNode('2', random() < 0.5 ? 'lock' : 'unlock', random() < 0.5 ? 'missing' : 'frozen'),
      () => simulator.control.fault(FAULTS[below(FAULTS.length)] ?? { kind: 'empty-list' }),
      () => simulator.control.clearFaults(),
      () => subgraph.run(UPDATE, { input: { id, password: random() < 0.3 ? 'wrong' : PASSWORD } }),
      () => subgraph.run(RUN, { input: { dataSync: `${id}.${random() < 0.15 ? 'purge' : 'sync'}` } }),
      () => subgraph.run(RUN, { input: { dataSync: `${id}.sync` } }),
      () => subgraph.run(RUN, { input: { dataSync: `${id}.sync` } }),
      async () => subgraph.run(CANCEL, { id: (await runsOf())[0]?.id ?? '' }),
      () => subgraph.killAndStart(),
      () => subgraph.restart(),
      () => turns(below(300)),
      () => turns(below(300)),
      () => turns(below(2_000)),
    ];
    for (let step = 0; step < STEPS; step += 1) {
      await steps[below(steps.length)]?.();
      expect((await runsOf()).filter(({ finishedAt }) => finishedAt === null).length).toBeLessThanOrEqual(1);
    }
    await calm(simulator, id);
    for (const run of await runsOf()) await subgraph.ended(run.id);
    expect(await subgraph.sync(id)).toMatchObject({ error: null, state: expect.stringMatching(/^SUCCEEDED/) });
    await agrees(simulator, id);
  },
);

/** Let whatever runs go on for a while. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

async function calm(simulator: RoutingManager, id: string): Promise<void> {
  simulator.control.clearFaults();
  simulator.control.changeNode('2', 'unlock');
  await subgraph.ask(UPDATE, { input: { id, password: PASSWORD } });
}

async function agrees(simulator: RoutingManager, id: string): Promise<void> {
  const listed = simulator.control.list(0, 10_000).items;
  const wanted = listed.map(({ id: armId, aor, state, nodeId }) => `${armId} ${aor} ${state} ${nodeId}`);
  const mirror = (await mirrorOf(subgraph.store, id)).map(
    ({ armId, aor, state, sbc }) => `${armId} ${aor} ${state} ${sbc}`,
  );
  expect(mirror.toSorted()).toEqual(wanted.toSorted());
  const online = listed.filter(({ user, state }) => state === 'ONLINE' && user.startsWith('+'));
  expect([...(await usesTold(subgraph.store)).values()].toSorted()).toEqual(online.map(({ user }) => user).toSorted());
  const told = await changesTold(subgraph.store);
  const runs = await runsOf();
  const sum = (of: (run: RunAnswer) => number) => runs.reduce((total, run) => total + of(run), 0);
  expect(sum(({ effect }) => effect.numbersUsed)).toBe(told.filter(({ after }) => after !== null).length);
  expect(sum(({ effect }) => effect.numbersCooling)).toBe(told.filter(({ after }) => after === null).length);
  expect(sum(({ progress }) => progress.added - progress.removed)).toBe(wanted.length);
  expect(await subgraph.store.get(activeRuns, id)).toBeUndefined();
  expect((await subgraph.store.get(syncRuns, runs[0]?.id ?? ''))?.finishedAt).toBeDefined();
  expect(await subgraph.store.verify()).toEqual([]);
}
