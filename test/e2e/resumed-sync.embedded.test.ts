/** Only on the embedded engine: what a run believes does not hang on where it is kept, and MongoDB takes minutes for as many runs. */
import { expect, it, onTestFinished } from 'vitest';
import { checkPhase } from '../src/fault/check-phase.js';
import { resumedSync } from '../src/fault/resumed-sync.js';
import { openWorld } from '../src/world/world.js';

const USERS = 5_000;

it('a sync with a fault at every page, run again until it succeeds, ends as one without faults', async () => {
  const world = await openWorld();
  onTestFinished(() => world.close());
  const { first, second } = await resumedSync(world, { users: USERS, everyPage: 1 });
  for (const phase of [first, second]) checkPhase(phase);
  expect(first.stormy).toHaveLength(USERS);
  expect(second.stormy).toHaveLength(USERS + USERS / 10);
});
