import { TestClock } from '@numberyard/kit/testing/test-clock';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { syncActor } from '../src/commands/context.js';
import { recordReachability } from '../src/commands/record-reachability.js';
import { connections } from '../src/models/connections.js';
import { TEST, UPDATE } from './support/operations.js';
import { TestSubgraph } from './support/subgraph.js';

let subgraph: TestSubgraph;
beforeEach(async () => {
  subgraph = await TestSubgraph.open();
});
afterEach(() => subgraph.close());

const tried = async (id: string) => (await subgraph.ask(TEST, { id })).testAudioCodesConnection;
const changes = async () => {
  const { events } = await subgraph.store.log.read({ after: 0, limit: 100, types: ['ReachabilityChanged'] });
  return events.map(({ fields }) => fields.state);
};

describe('the test of a connection', () => {
  test('says how long it took and what is there', async () => {
    const simulator = await subgraph.simulator({ users: { count: 12, firstNumber: '+4930100' } });
    const { id } = await subgraph.connect(simulator);
    const { durationMs, ...answer } = await tried(id);
    expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(answer).toMatchObject({
      sbcCount: 2,
      registeredUserCount: 12,
      userErrors: [],
      connection: { reachability: { state: 'REACHABLE', error: null } },
    });
  });

  test('works with a session as well as with Basic', async () => {
    const { id } = await subgraph.connect(await subgraph.simulator(), { authenticationMethod: 'SESSION' });
    expect((await tried(id)).userErrors).toEqual([]);
  });

  test.each([
    ['a wrong password', { password: 'wrong' }, 'CREDENTIALS_REFUSED', 'password'],
    ['a name nobody knows', { routingManager: 'arm.invalid' }, 'HOST_UNREACHABLE', 'routingManager'],
    ['a port nobody listens at', { routingManager: '127.0.0.1:1' }, 'HOST_UNREACHABLE', 'routingManager'],
    ['a link-local address', { routingManager: '169.254.169.254' }, 'ADDRESS_NOT_ALLOWED', 'routingManager'],
  ])('with %s says so and what to put right, and so does a run', async (_what, input, code, field) => {
    const { id } = await subgraph.connect(await subgraph.simulator(), input);
    const answer = await tried(id);
    expect(answer).toMatchObject({ connection: null, userErrors: [{ code, field }] });
    const run = await subgraph.sync(id);
    expect(run).toMatchObject({ state: 'FAILED', error: { code, message: answer.userErrors[0]?.message } });
    expect(await changes()).toEqual(['UNREACHABLE']);
  });

  test('of something that is no routing manager asks to look at its address', async () => {
    const simulator = await subgraph.simulator();
    const { id } = await subgraph.connect(simulator);
    simulator.control.fault({ kind: 'redirect' });
    expect((await tried(id)).userErrors).toMatchObject([{ code: 'UNEXPECTED_ANSWER', field: 'routingManager' }]);
  });

  test('tells of a change of reachability once', async () => {
    const simulator = await subgraph.simulator();
    const { id } = await subgraph.connect(simulator);
    await tried(id);
    await tried(id);
    simulator.control.fault({ kind: 'forbidden' });
    await tried(id);
    await tried(id);
    simulator.control.clearFaults();
    await tried(id);
    expect(await changes()).toEqual(['REACHABLE', 'UNREACHABLE', 'REACHABLE']);
  });

  test('gives up in time when nobody answers, before whoever asked does', async () => {
    const clock = new TestClock(Date.UTC(2026, 2, 28, 12));
    const other = await TestSubgraph.open({ clock });
    onTestFinished(() => other.close());
    const simulator = await other.simulator();
    simulator.control.fault({ kind: 'slow-answer', milliseconds: 3_600_000 });
    const { id } = await other.connect(simulator);
    const answer = other.ask(TEST, { id });
    let given: Awaited<typeof answer> | undefined;
    void answer.then((value) => (given = value));
    await other.until('the test to give up', () => {
      if (simulator.control.faults.list()[0]?.struck) clock.advance(100);
      return Promise.resolve(given);
    });
    expect(clock.now() - Date.UTC(2026, 2, 28, 12)).toBeLessThanOrEqual(25_000);
    expect(given?.testAudioCodesConnection).toMatchObject({
      userErrors: [{ code: 'HOST_UNREACHABLE', field: 'routingManager' }],
    });
  });

  test('of an unknown connection is refused', async () => {
    expect((await tried('nothing')).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'id' }]);
  });
});

describe('what a call came to that was made before the connection was changed', () => {
  const dialled = async (input: Record<string, unknown>, change: Record<string, unknown>) => {
    const { id } = await subgraph.connect({ address: 'arm.example' }, input);
    const before = await subgraph.store.get(connections, id);
    if (!before) throw new Error('The connection is gone.');
    const { updateAudioCodesConnection: changed } = await subgraph.ask(UPDATE, { input: { id, ...change } });
    expect(changed.userErrors).toEqual([]);
    const outcome = { error: 'Refused.', certificate: 'AB:CD' };
    await recordReachability({ store: subgraph.store, clock: subgraph.clock }, before, outcome, syncActor);
    return subgraph.store.get(connections, id);
  };

  test.each([
    ['username', { username: 'new' }],
    ['password', { password: 'new' }],
    ['authenticationMethod', { authenticationMethod: 'SESSION' }],
    ['tlsVerify', { tlsVerify: true }],
    ['routingManager', { routingManager: 'other.example', password: 'new' }],
  ])('says nothing of the connection with another %s', async (_field, change) => {
    expect(await dialled({ tlsVerify: false }, change)).toMatchObject({ reachability: { state: 'UNKNOWN' } });
    expect(await changes()).toEqual([]);
  });

  test('is kept when the connection was only renamed', async () => {
    const renamed = await dialled({ tlsVerify: false }, { name: 'another' });
    expect(renamed).toMatchObject({ reachability: { state: 'UNREACHABLE' }, pinnedCertificate: 'AB:CD' });
  });

  test('pins the certificate of the host that is still the same one', async () => {
    expect(await dialled({ tlsVerify: false }, { password: 'new' })).toMatchObject({ pinnedCertificate: 'AB:CD' });
    const elsewhere = await dialled(
      { tlsVerify: false, name: 'second' },
      { routingManager: 'b.example', password: 'new' },
    );
    expect(elsewhere?.pinnedCertificate).toBeUndefined();
  });
});

describe('a certificate nobody vouches for', () => {
  test('is refused while certificates are verified', async () => {
    const { id } = await subgraph.connect(await subgraph.simulator({ tls: 'self-signed' }));
    expect((await tried(id)).userErrors).toMatchObject([{ code: 'CERTIFICATE_REFUSED', field: 'tlsVerify' }]);
  });

  test('is pinned at first sight when they are not; another one fails the run until it is accepted', async () => {
    const simulator = await subgraph.simulator({ tls: 'self-signed' });
    const { id } = await subgraph.connect(simulator, { tlsVerify: false });
    expect((await tried(id)).connection.pinnedCertificate).toBe(simulator.fingerprint);
    const renewed = await simulator.control.changeCertificate();
    expect(await subgraph.sync(id)).toMatchObject({ state: 'FAILED', error: { code: 'CERTIFICATE_REFUSED' } });
    await subgraph.ask(UPDATE, { input: { id, acceptNewCertificate: true } });
    expect(await subgraph.sync(id)).toMatchObject({ state: 'SUCCEEDED' });
    expect((await subgraph.ask(UPDATE, { input: { id } })).updateAudioCodesConnection.connection).toMatchObject({
      pinnedCertificate: renewed,
    });
  });

  test('is pinned at first sight even if nothing else goes well, so that no other one is shown the credentials', async () => {
    const simulator = await subgraph.simulator({ tls: 'self-signed' });
    const { id } = await subgraph.connect(simulator, { tlsVerify: false, password: 'wrong' });
    expect((await tried(id)).userErrors).toMatchObject([{ code: 'CREDENTIALS_REFUSED' }]);
    await simulator.control.changeCertificate();
    expect((await tried(id)).userErrors).toMatchObject([{ code: 'CERTIFICATE_REFUSED', field: 'tlsVerify' }]);
    expect(await subgraph.sync(id)).toMatchObject({ state: 'FAILED', error: { code: 'CERTIFICATE_REFUSED' } });
  });

  test('is forgotten when the connection points elsewhere or verifies again', async () => {
    const { id } = await subgraph.connect(await subgraph.simulator({ tls: 'self-signed' }), { tlsVerify: false });
    await tried(id);
    const { updateAudioCodesConnection } = await subgraph.ask(UPDATE, { input: { id, tlsVerify: true } });
    expect(updateAudioCodesConnection.connection.pinnedCertificate).toBeNull();
  });
});
