/** Exports and imports while the processes below them are killed. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importCsv, linesOf, numbersFile, reportOf, send } from '../../src/world/files.js';
import { openProcessWorld, type ProcessWorld } from '../../src/world/process-world.js';
import { createCustomer, type Customer } from '../../src/world/steps.js';

const LINES = 5_000;
const DEADLINE = 120_000;

let world: ProcessWorld;
let customer: Customer;

beforeAll(async () => {
  world = await openProcessWorld();
  customer = await createCustomer(world);
});

afterAll(() => world?.close());

const added = async () => {
  const { events } = await readLog();
  return events.filter(({ type }) => type === 'NumberAdded').map(({ entity }) => entity);
};

async function readLog() {
  const { log } = world.store('number-inventory');
  const events = [];
  for (let after = 0; ;) {
    const read = await log.read({ after, limit: 1_000 });
    if (read.events.length === 0) return { events };
    events.push(...read.events);
    after = read.upTo;
  }
}

/** @param dead called while none is running */
async function killAndStart(dead = async () => {}): Promise<void> {
  for (const replica of world.replicas['number-inventory']) await replica.kill();
  await dead();
  for (const replica of world.replicas['number-inventory']) await replica.start();
}

it('an import whose subgraph is killed in the middle, and again, ends with the report it would have had', async () => {
  const file = numbersFile(4_930_000_000, LINES, 50);
  const search = `?node=${customer.sites[0]}`;
  const dry = await send(world, `/import/numbers${search}&dryRun=1`, {
    body: file,
    headers: { 'content-type': 'text/csv' },
  });
  const expected = reportOf(dry.text);
  const sending = { ended: false };
  // As a script would that does not know why it got no summary.
  const sender = (async () => {
    while (!sending.ended) await importCsv(world, search, 'killed', file).catch(() => undefined);
  })();
  for (const point of [1_000, 3_000]) {
    await waitUntil(`line ${point} to be taken`, async () => (await added()).length > point, DEADLINE);
    await killAndStart(async () => expect((await added()).length).toBeLessThan(LINES - 50));
  }
  sending.ended = true;
  await sender;
  const last = await waitUntil('the import to be gone on with', async () => {
    const answer = await importCsv(world, search, 'killed', file);
    return answer.status === 200 && !answer.cut ? answer : undefined;
  });
  const report = reportOf(last.text);
  expect(report.refused).toEqual(expected.refused);
  expect(report.summary).toEqual({ ...expected.summary, dryRun: false });
  const entities = await added();
  expect(entities).toHaveLength(LINES - 50);
  expect(new Set(entities).size).toBe(LINES - 50);
});

it('an export whose subgraph is killed in the middle is cut, and goes on after its last whole line', async () => {
  const path = `/export/numbers.jsonl?within=${customer.customer}`;
  const whole = linesOf((await send(world, path)).text);
  let killing: Promise<void> | undefined;
  const lines: Record<string, unknown>[] = [];
  await waitUntil('all of it', async () => {
    const id = lines.at(-1)?.['id'];
    const after = id === undefined ? '' : `&after=${encodeURIComponent(String(id))}`;
    const begun = () => {
      killing ??= killAndStart();
      return false;
    };
    const part = await send(world, path + after, { until: begun });
    if (part.status === 200) lines.push(...linesOf(part.text));
    return part.status === 200 && !part.cut;
  });
  await killing;
  expect(lines).toEqual(whole);
});
