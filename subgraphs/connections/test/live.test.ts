import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LiveAnswer, UpdateAnswer } from './support/answers.js';
import { caller } from './support/identities.js';
import { TEST } from './support/operations.js';
import { TestSubgraph } from './support/subgraph.js';

let subgraph: TestSubgraph;
let connection: string;
const RUNS = `subscription($connection: ID, $within: ID, $after: String) {
  syncRunUpdated(connection: $connection, within: $within, after: $after) {
    change cursor syncRun { id state progress { fetched added } connection { name } }
  }
}`;

beforeEach(async () => {
  subgraph = await TestSubgraph.open();
  const simulator = await subgraph.simulator({ users: { count: 700, firstNumber: '+4930100' } });
  connection = (await subgraph.connect(simulator)).id;
});
afterEach(() => subgraph.close());

/** Payloads up to the end of a run. */
async function untilFinished(stream: AsyncGenerator<LiveAnswer>): Promise<UpdateAnswer[]> {
  const updates: UpdateAnswer[] = [];
  for await (const { data } of stream) {
    updates.push(data.syncRunUpdated);
    if (data.syncRunUpdated.change === 'FINISHED') break;
  }
  return updates;
}

describe('syncRunUpdated', () => {
  test('tells of a run from the queue to its end, each time with the run as it is', async () => {
    const stream = await subgraph.live(RUNS);
    const { id } = await subgraph.sync(connection);
    const updates = await untilFinished(stream);
    expect(updates.map(({ change }) => change).slice(0, 2)).toEqual(['QUEUED', 'PROGRESSED']);
    expect(updates.at(-1)).toMatchObject({
      change: 'FINISHED',
      syncRun: { id, state: 'SUCCEEDED', progress: { fetched: 700, added: 700 }, connection: { name: 'arm' } },
    });
  });

  test('goes on after a cursor with everything since, once and in order', async () => {
    const first = await subgraph.live(RUNS);
    await subgraph.sync(connection);
    const all = (await untilFinished(first)).map(({ cursor }) => cursor);
    const second = await subgraph.live(RUNS, { after: all[1] });
    expect((await untilFinished(second)).map(({ cursor }) => cursor)).toEqual(all.slice(2));
  });

  test.each([
    ['nonsense', 'CURSOR_INVALID'],
    ['otherepoch.1', 'CURSOR_FOREIGN_EPOCH'],
  ])('refuses the cursor %s', async (after, code) => {
    await expect(subgraph.live(RUNS, { after })).rejects.toMatchObject({ extensions: { code } });
  });

  test('refuses a cursor ahead of the log', async () => {
    const { epoch, head } = await subgraph.store.log.state();
    const ahead = subgraph.live(RUNS, { after: `${epoch}.${head + 1_000}` });
    await expect(ahead).rejects.toMatchObject({ extensions: { code: 'CURSOR_AHEAD' } });
  });

  test('tells only of what the caller sees, and of the connection and node it asks for', async () => {
    const simulator = await subgraph.simulator();
    const rome = (await subgraph.connect(simulator, { node: 'rome', name: 'rome' })).id;
    const start = await subgraph.store.log.state();
    const after = `${start.epoch}.${start.head}`;
    const first = await subgraph.sync(connection);
    const second = await subgraph.sync(rome);
    const told = async (variables: Record<string, unknown>, who?: Parameters<TestSubgraph['live']>[2]) => {
      const updates = await untilFinished(await subgraph.live(RUNS, { after, ...variables }, who));
      return [...new Set(updates.map(({ syncRun }) => syncRun.id))];
    };
    expect(await told({}, caller('CUSTOMER_ADMIN', 'globex'))).toEqual([second.id]);
    expect(await told({ connection: rome })).toEqual([second.id]);
    expect(await told({ within: 'rome' })).toEqual([second.id]);
    expect(await told({ within: 'acme' })).toEqual([first.id]);
    await expect(subgraph.live(RUNS, { within: 'acme' }, caller('CUSTOMER_ADMIN', 'globex'))).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
    await expect(subgraph.live(RUNS, {}, caller('PARTNER', 'acme'))).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
  });
});

test('connectionReachabilityChanged says which connection and how it is now', async () => {
  const source = `subscription { connectionReachabilityChanged { change cursor connection { name username reachability { state } } } }`;
  const stream = await subgraph.live(source, {}, caller('CUSTOMER_ADMIN', 'acme'));
  await subgraph.ask(TEST, { id: connection });
  const { value } = await stream.next();
  await stream.return();
  expect(value?.data.connectionReachabilityChanged).toMatchObject({
    change: 'REACHABLE',
    connection: { name: 'arm', username: 'admin', reachability: { state: 'REACHABLE' } },
  });
});
