/**
 * Every fault of the simulated Routing Manager against a real run: it ends with an issue or an error that says what was wrong, forgets nobody who is there,
 * and the next sync without faults brings the mirror in line to the last user.
 */
import type { Fault, RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { representative } from '@numberyard/kit/testing/representative';
import { FAULT_KINDS, type FaultName } from '@numberyard/simulator-arm/faults';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { RunAnswer } from './support/answers.js';
import { TestSubgraph } from './support/subgraph.js';
import { mirrorOf, usesTold } from './support/users.js';

const USERS = 2_100;
const number = (index: number) => `+4930120${String(index).padStart(5, '0')}`;

/** How a run ends: nothing amiss, an issue of this kind, or FAILED with this code and a sentence like that. */
type Ending =
  'SUCCEEDED' | { readonly issue: string; readonly says: RegExp } | { readonly code: string; readonly says: RegExp };

interface Row {
  readonly fault: Omit<Fault, 'kind'>;
  readonly ends: Ending;
  /** What the Routing Manager says twice is believed, though it is not so. */
  readonly believed?: true;
}

const incomplete = (says: RegExp): Ending => ({ issue: 'LISTING_INCOMPLETE', says });
const unexpected = (says: RegExp): Ending => ({ code: 'UNEXPECTED_ANSWER', says });
const refused = (says: RegExp): Ending => ({ code: 'CREDENTIALS_REFUSED', says });

const MATRIX: Record<FaultName, readonly Row[]> = {
  'failed-page': [
    { fault: { onPage: 2, times: 1 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 2 }, ends: unexpected(/status 500/) },
    { fault: { onPage: 3, status: 501 }, ends: unexpected(/status 501/) },
  ],
  'cut-page': [
    { fault: { onPage: 2, times: 1 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 1, times: 1, bytes: 0 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 3 }, ends: unexpected(/broke off in the middle/) },
  ],
  'repeated-page': [
    { fault: { onPage: 2 }, ends: incomplete(/names a registered user twice/) },
    { fault: { onPage: 3, times: 1 }, ends: incomplete(/twice/) },
  ],
  'short-page': [
    { fault: { onPage: 1, items: 300, times: 1 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 2, items: 0 }, ends: incomplete(/named 1000 registered users and said that there are 2100/) },
  ],
  'empty-list': [
    { fault: {}, ends: { code: 'EMPTY_LISTING', says: /lists no registered users, and \d+ are mirrored/ } },
    { fault: { onPage: 2 }, ends: incomplete(/total changed/) },
  ],
  'inconsistent-total': [
    { fault: { onPage: 2 }, ends: incomplete(/total changed/) },
    { fault: { by: -500 }, ends: incomplete(/named 2000 registered users and said that there are 1600/) },
  ],
  'mutating-list': [
    { fault: { onPage: 1, times: 1, count: 3 }, ends: incomplete(/total changed/) },
    { fault: { onPage: 2, times: 1, count: 1, change: 'return' }, ends: incomplete(/total changed/) },
  ],
  flap: [
    { fault: { number: number(20) }, ends: { issue: 'REMOVAL_NOT_CONFIRMED', says: /is there when asked for/ } },
    { fault: { number: number(21), reads: true }, ends: 'SUCCEEDED', believed: true },
  ],
  'feature-disabled': [
    { fault: {}, ends: { code: 'EMPTY_LISTING', says: /Nobody was removed/ } },
    { fault: { answer: '404' }, ends: unexpected(/registered users feature/) },
  ],
  'expired-session': [
    { fault: { onPage: 2, times: 1 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 2 }, ends: refused(/refused the credentials/) },
  ],
  unauthorized: [
    { fault: {}, ends: refused(/user name, password/) },
    { fault: { onPage: 2 }, ends: refused(/user name, password/) },
    { fault: { onPage: 2, times: 1 }, ends: 'SUCCEEDED' },
  ],
  forbidden: [{ fault: { onPage: 3 }, ends: refused(/operator's rights/) }],
  unavailable: [
    { fault: { times: 1, retryAfter: 0 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 2 }, ends: unexpected(/status 503/) },
  ],
  throttled: [
    { fault: { onPage: 2, times: 1 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 2, times: 1, retryAfter: 86_400 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 2, retryAfter: 86_400 }, ends: unexpected(/status 429/) },
  ],
  redirect: [
    { fault: { location: 'http://169.254.169.254/' }, ends: { code: 'ADDRESS_NOT_ALLOWED', says: /another host/ } },
    { fault: { onPage: 2, location: '/elsewhere' }, ends: unexpected(/sends callers elsewhere/) },
  ],
  'slow-answer': [
    { fault: { milliseconds: 50 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 2, milliseconds: 60_000 }, ends: { code: 'HOST_UNREACHABLE', says: /within 4 seconds/ } },
  ],
  'slow-filter': [{ fault: { milliseconds: 60_000 }, ends: 'SUCCEEDED' }],
  'slow-drip': [
    { fault: { onPage: 3, bytes: 5_000, milliseconds: 1 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 2, bytes: 1, milliseconds: 20 }, ends: unexpected(/within 4 seconds/) },
    { fault: { onPage: 2, milliseconds: 60_000 }, ends: unexpected(/broke off in the middle/) },
  ],
  'bad-json': [
    { fault: { onPage: 1 }, ends: unexpected(/does not answer in JSON/) },
    { fault: { onPage: 3 }, ends: unexpected(/does not answer in JSON/) },
  ],
  'huge-field': [
    { fault: { onPage: 2 }, ends: 'SUCCEEDED' },
    { fault: { onPage: 2, bytes: 20_000_000 }, ends: unexpected(/longer than allowed/) },
  ],
  'endless-answer': [{ fault: { onPage: 2 }, ends: unexpected(/longer than allowed/) }],
  'endless-list': [{ fault: {}, ends: unexpected(/does not end/) }],
  'wrong-shape': [
    { fault: { onPage: 2 }, ends: unexpected(/items\[0\]\.aor/) },
    { fault: { field: 'id' }, ends: unexpected(/items\[0\]\.id/) },
  ],
};

let subgraph: TestSubgraph;
let simulator: RoutingManager;
let connection: string;

beforeAll(async () => {
  const bounds = { callMs: 4_000, bodyMs: 1_500, retryAfterMs: 50 };
  subgraph = await TestSubgraph.open({ outgoing: { bounds } });
  simulator = await subgraph.simulator({ users: { count: USERS, firstNumber: number(0) } });
  connection = (await subgraph.connect(simulator, { authenticationMethod: 'SESSION' })).id;
  await subgraph.sync(connection);
});
afterAll(() => subgraph.close());

/** Those who are there, by their ids at the Routing Manager. */
function there(manager: RoutingManager): Map<string, string> {
  const users = new Map<string, string>();
  for (let offset = 0; ; offset += 1_000) {
    const { items } = manager.control.list(offset, 1_000);
    for (const { id, user, state } of items) if (state === 'ONLINE') users.set(id, user);
    if (items.length === 0) return users;
  }
}

async function toldOf(of: string): Promise<Map<string, string>> {
  const told = await usesTold(subgraph.store);
  const prefix = `${of}.`;
  return new Map(
    [...told].filter(([ref]) => ref.startsWith(prefix)).map(([ref, user]) => [ref.slice(prefix.length), user]),
  );
}

function check(run: RunAnswer, ends: Ending): void {
  const issues = run.issues.edges.map(({ node }) => node);
  if (ends === 'SUCCEEDED') {
    expect([run.state, run.error, issues]).toEqual(['SUCCEEDED', null, []]);
  } else if ('issue' in ends) {
    expect([run.state, run.error, issues.map(({ kind }) => kind)]).toEqual([
      'SUCCEEDED_WITH_ISSUES',
      null,
      [ends.issue],
    ]);
    expect(issues[0]?.message).toMatch(ends.says);
  } else {
    expect([run.state, run.error?.code, run.progress.removed]).toEqual(['FAILED', ends.code, 0]);
    expect(run.error?.message).toMatch(ends.says);
    expect(run.error?.message).toMatch(/\.$/);
  }
}

/** Nobody who is there was forgotten; @param before was there before the run as well */
async function nobodyForgotten(
  before: ReadonlyMap<string, string>,
  manager: RoutingManager,
  of: string,
): Promise<void> {
  const [now, told] = [there(manager), await toldOf(of)];
  const forgotten = [...before].filter(([id, user]) => now.get(id) === user && told.get(id) !== user);
  expect(forgotten).toEqual([]);
}

async function inLine(manager: RoutingManager, of: string): Promise<void> {
  expect(await subgraph.sync(of)).toMatchObject({ state: 'SUCCEEDED', error: null });
  expect(await toldOf(of)).toEqual(there(manager));
  const mirror = await mirrorOf(subgraph.store, of);
  expect(mirror.map(({ armId }) => armId).toSorted()).toEqual(
    Array.from({ length: 3 }, (_, page) => manager.control.list(page * 1_000, 1_000).items.map(({ id }) => id))
      .flat()
      .toSorted(),
  );
}

const rows = Object.entries(MATRIX).flatMap(([kind, all]) =>
  all.map((row) => [kind as FaultName, JSON.stringify(row.fault), row] as const),
);

/** What a run does to the store depends on how it ends, not on what the Routing Manager did. */
const endingOf = ({ ends, believed }: Row): string => {
  const kind = typeof ends === 'string' ? ends : 'issue' in ends ? ends.issue : ends.code;
  return believed ? `${kind}, believed` : kind;
};

describe('a run that meets a fault', () => {
  test.each(representative(rows, ([, , row]) => endingOf(row)))(
    '%s %s',
    async (kind, _parameters, { fault, ends, believed }) => {
      const { control } = simulator;
      control.clearFaults();
      for (const each of [30, 31]) control.bringBack(number(each));
      // The rows before may have left a hundred devices gone; as many are there each time.
      for (let index = 0; index < 4; index += 1) control.bringBack(number(index));
      await subgraph.sync(connection);
      const before = there(simulator);
      control.drop(number(30));
      control.takeOffline(number(31));
      const added = control.register('+441');
      control.fault({ ...fault, kind });

      check(await subgraph.sync(connection), ends);
      if (!believed) await nobodyForgotten(before, simulator, connection);
      control.clearFaults();
      await inLine(simulator, connection);
      control.drop(added);
    },
  );

  test('every kind of fault is in the matrix', () => {
    expect(Object.keys(MATRIX).toSorted()).toEqual(Object.keys(FAULT_KINDS).toSorted());
  });
});

describe('a run that meets a Routing Manager in another state', () => {
  /** A Routing Manager of its own, synced once. */
  async function begun(
    options: Partial<Parameters<TestSubgraph['simulator']>[0]> = {},
    input: Record<string, unknown> = {},
    name = expect
      .getState()
      .currentTestName?.replace(/[^a-z]+/gi, '-')
      .slice(-60) ?? 'arm',
  ) {
    const manager = await subgraph.simulator({ users: { count: 40, firstNumber: number(0) }, ...options });
    const { id } = await subgraph.connect(manager, { name, ...input });
    const first = await subgraph.sync(id);
    return { manager, id, first };
  }

  test.each(['lock', 'out-of-sync'] as const)('a node that is %s, its users missing', async (change) => {
    const { manager, id } = await begun();
    const before = there(manager);
    manager.control.changeNode('2', change, 'missing');
    const run = await subgraph.sync(id);
    check(run, { issue: 'NODE_NOT_IN_SYNC', says: /^SBC-2 is locked or out of sync.*stay as they were\.$/ });
    expect(await toldOf(id)).toEqual(before);
    manager.control.changeNode('2', change === 'lock' ? 'unlock' : 'in-sync');
    await inLine(manager, id);
  });

  test('one number at two SBCs: it is in use until the last of them gives it up', async () => {
    const { manager, id } = await begun();
    const [one, two] = [manager.control.register('+4411', '1'), manager.control.register('+4411', '2')];
    await subgraph.sync(id);
    manager.control.drop(one);
    check(await subgraph.sync(id), 'SUCCEEDED');
    expect([...(await toldOf(id)).entries()].filter(([, user]) => user === '+4411')).toEqual([[two, '+4411']]);
    manager.control.takeOffline(two);
    check(await subgraph.sync(id), 'SUCCEEDED');
    expect([...(await toldOf(id)).values()]).not.toContain('+4411');
  });

  test('a certificate nobody vouches for', async () => {
    const { first } = await begun({ tls: 'self-signed' });
    check(first, { code: 'CERTIFICATE_REFUSED', says: /is not trusted/ });
  });

  test('another certificate than the one seen first, in the middle of a run', async () => {
    const { manager, id, first } = await begun(
      { tls: 'self-signed', users: { count: USERS, firstNumber: number(0) } },
      { tlsVerify: false },
    );
    expect(first.state).toBe('SUCCEEDED');
    const before = there(manager);
    manager.control.fault({ kind: 'cut-page', onPage: 2, times: 1 });
    await manager.control.changeCertificate();
    check(await subgraph.sync(id), { code: 'CERTIFICATE_REFUSED', says: /does not show the certificate seen first/ });
    await nobodyForgotten(before, manager, id);
  });

  test('a Routing Manager that speaks no TLS where plain HTTP is not allowed', async () => {
    const strict = await TestSubgraph.open({ outgoing: { allowPlainHttp: false } });
    onTestFinished(() => strict.close());
    const { id } = await strict.connect(simulator);
    check(await strict.sync(id), { code: 'UNEXPECTED_ANSWER', says: /does not speak TLS/ });
  });
});
