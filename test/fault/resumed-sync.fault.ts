/** A sync of very many users with a fault at every tenth page, run again until it succeeds: the numbers end as they do without faults. */
import { expect, it, onTestFinished } from 'vitest';
import { checkPhase } from '../src/fault/check-phase.js';
import { resumedSync, type Phase } from '../src/fault/resumed-sync.js';
import { openSingleProcess } from '../src/world/single-process.js';

const USERS = Number(process.env['SYNC_USERS'] ?? 100_000);
const EVERY_PAGE = 10;

it(`a sync of ${USERS} users with a fault at every tenth page ends as one without faults`, async () => {
  const world = await openSingleProcess({ LOG_LEVEL: 'warn' });
  onTestFinished(() => world.close());
  const { first, second } = await resumedSync(world, { users: USERS, everyPage: EVERY_PAGE });
  for (const phase of [first, second]) {
    process.stdout.write(`${outcome(phase)}\n`);
    checkPhase(phase);
  }
  expect(first.stormy).toHaveLength(USERS);
  expect(second.stormy).toHaveLength(USERS + USERS / 10);
});

function outcome({ runs, stormy }: Phase): string {
  const ends = runs.map(({ state, error, issues }) => error?.code ?? issues.edges[0]?.node.kind ?? state);
  return `${stormy.length} numbers after ${runs.length} runs: ${ends.join(', ')}`;
}
