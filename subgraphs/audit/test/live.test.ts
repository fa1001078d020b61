import { afterEach, beforeEach, expect, test } from 'vitest';
import { caller, openAudit, type AuditWorld } from './support/audit-world.js';

const UPDATES = `subscription ($run: ID, $within: ID, $after: String) {
  auditRunUpdated(run: $run, within: $within, after: $after) { change cursor auditRun { id state customer { id } } }
}`;
const START = `mutation ($input: StartAuditInput!) {
  startAudit(input: $input) { auditRun { id } userErrors { code } }
}`;

interface Update {
  readonly change: string;
  readonly cursor: string;
  readonly auditRun: { readonly id: string; readonly state: string };
}

let world: AuditWorld;
beforeEach(async () => {
  world = await openAudit();
  await world.know('p', 'acme', 'berlin', 'zeta');
  await world.subgraph.start();
});
afterEach(() => world.close());

async function start(customer: string): Promise<string> {
  const { data } = await world.ask(START, caller('p'), { input: { customer, level: 'CUSTOMER', dryRun: true } });
  return (data?.['startAudit'] as { auditRun: { id: string } }).auditRun.id;
}

/** What is told up to the end of a run. */
async function untilFinished(stream: Awaited<ReturnType<AuditWorld['live']>>): Promise<Update[]> {
  const told: Update[] = [];
  for await (const { data } of stream) {
    const update = data?.['auditRunUpdated'] as Update;
    told.push(update);
    if (update.change === 'FINISHED') break;
  }
  return told;
}

/** Both runs from the beginning of the log, both having ended. */
async function twoEnded() {
  const { epoch, head } = await world.store.log.state();
  const stream = await world.live(UPDATES, caller('p'), { within: 'acme' });
  const first = await start('acme');
  await untilFinished(stream);
  const other = await world.live(UPDATES, caller('p'), { within: 'zeta' });
  const second = await start('zeta');
  await untilFinished(other);
  return { first, second, after: `${epoch}.${head}` };
}

test('an audit is told from the queue to its end, each time as it is', async () => {
  const stream = await world.live(UPDATES);
  const id = await start('acme');
  const told = await untilFinished(stream);
  expect(told[0]).toMatchObject({ change: 'QUEUED', auditRun: { id, customer: { id: 'acme' } } });
  expect(told.at(-1)).toMatchObject({ change: 'FINISHED', auditRun: { id, state: 'SUCCEEDED' } });
});

test('who was away goes on after a cursor with everything since, once and in order', async () => {
  const stream = await world.live(UPDATES);
  await start('acme');
  const cursors = (await untilFinished(stream)).map(({ cursor }) => cursor);
  const resumed = await world.live(UPDATES, caller('p'), { after: cursors[0] });
  expect((await untilFinished(resumed)).map(({ cursor }) => cursor)).toEqual(cursors.slice(1));
});

test('only what is asked for and seen is told', async () => {
  const { first, second, after } = await twoEnded();
  const told = async (variables: Readonly<Record<string, unknown>>, identity = caller('p')) => {
    const updates = await untilFinished(await world.live(UPDATES, identity, { after, ...variables }));
    return [...new Set(updates.map(({ auditRun }) => auditRun.id))];
  };
  expect(await told({ run: second })).toEqual([second]);
  expect(await told({ within: 'zeta' })).toEqual([second]);
  expect(await told({}, caller('zeta', 'OPERATOR'))).toEqual([second]);
  expect(await told({ within: 'acme' })).toEqual([first]);
});

test.each([
  ['a node out of sight', { within: 'acme' }, caller('zeta'), 'BAD_USER_INPUT'],
  ['a node that is none', { within: 'nowhere' }, caller('p'), 'BAD_USER_INPUT'],
  ['a cursor that is none', { after: 'nonsense' }, caller('p'), 'CURSOR_INVALID'],
  ['a cursor of another log', { after: 'other.1' }, caller('p'), 'CURSOR_FOREIGN_EPOCH'],
  ['a key that reads numbers only', {}, caller('p', 'PARTNER'), 'FORBIDDEN'],
])('is refused with %s', async (_, variables, identity, code) => {
  await expect(world.live(UPDATES, identity, variables)).rejects.toMatchObject({ extensions: { code } });
});
