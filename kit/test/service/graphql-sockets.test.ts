import { createClient, type Client, type ExecutionResult } from 'graphql-ws';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { signCaller, subscribeBody, SUBSCRIBE, type Caller } from '@numberyard/kit/service/signature';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { asCaller, asService, openWorld, secret, type World } from './service-world.js';

let world: World;
let client: Client;
const closed: number[] = [];
beforeEach(async () => {
  world = await openWorld({ limits: { socketProofTimeout: 200, drainTimeout: 3_000 } });
  closed.length = 0;
  client = clientOf();
});
afterEach(async () => {
  await client.dispose();
  await world.close();
});

function clientOf(): Client {
  return createClient({
    url: `${world.service.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    on: { closed: (event) => closed.push((event as { code: number }).code) },
  });
}

interface Stream {
  readonly results: ExecutionResult[];
  /** What the server ended it with. */
  end: 'open' | 'complete' | unknown;
  stop(): void;
}

function subscribe(
  query: string,
  options: { caller?: Caller; signedQuery?: string; skew?: number; header?: unknown } = {},
): Stream {
  const identity = signCaller(secret, {
    method: SUBSCRIBE,
    path: '/graphql',
    body: subscribeBody({ query: options.signedQuery ?? query }),
    caller: options.caller ?? asCaller,
    now: Date.now() + (options.skew ?? 0),
  });
  const extensions = { identity: 'header' in options ? options.header : identity, requestId: 'trace-12345678' };
  const stream: Stream = { results: [], end: 'open', stop: () => undefined };
  stream.stop = client.subscribe(
    { query, extensions },
    {
      next: (result) => stream.results.push(result as ExecutionResult),
      error: (error) => (stream.end = error),
      complete: () => (stream.end = 'complete'),
    },
  );
  return stream;
}

const ended = (stream: Stream) => waitUntil('the end of the stream', async () => stream.end !== 'open');

describe('subscriptions of a service', () => {
  it('carry many streams on one socket, each with what comes after it was opened', async () => {
    await world.append('Told');
    const { epoch } = await world.store.log.state();
    const resumed = subscribe(`subscription { told(after: "${epoch}.0") }`);
    await waitUntil('the first', async () => resumed.results.length === 1);
    const live = subscribe('subscription { told }');
    await waitUntil('an event on both', async () => {
      await world.append('Told');
      return live.results.length > 0;
    });
    const { head } = await world.store.log.state();
    await waitUntil('all of them', async () => resumed.results.length === head);
    expect(resumed.results).toEqual(Array.from({ length: head }, (_, index) => ({ data: { told: index + 1 } })));
    live.stop();
    expect(closed).toEqual([]);
  });

  it.each([
    ['nothing', { header: undefined }],
    ['no signature', { header: 'v1.e30.e30' }],
    ['another query', { signedQuery: 'subscription { refused }' }],
    ['a time long ago', { skew: -61_000 }],
  ])('are refused when signed with %s, and the socket stays', async (_, options) => {
    const good = subscribe('subscription { told }');
    const refused = subscribe('subscription { told }', options);
    await ended(refused);
    expect(refused.end).toMatchObject([{ extensions: { code: 'UNSIGNED' } }]);
    expect([good.end, closed]).toEqual(['open', []]);
  });

  it('are for end callers', async () => {
    const refused = subscribe('subscription { told }', { caller: asService });
    await ended(refused);
    expect(refused.end).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('tell why one cannot be opened, or breaks, and leave the others alone', async () => {
    const good = subscribe('subscription { told }');
    const refused = subscribe('subscription { refused }');
    const odd = subscribe('subscription { nothing }');
    const breaking = subscribe('subscription { breaking }');
    for (const stream of [refused, odd, breaking]) await ended(stream);
    expect(refused.end).toMatchObject([{ message: 'Not for you.', extensions: { code: 'FORBIDDEN' } }]);
    expect(odd.end).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(breaking.results).toEqual([{ data: { breaking: 1 } }]);
    expect(breaking.end).toMatchObject([{ message: 'Gone.', extensions: { code: 'CURSOR_EXPIRED' } }]);
    expect([good.end, closed]).toEqual(['open', []]);
  });

  it('tell of an event that cannot be shown, and go on', async () => {
    const { epoch } = await world.store.log.state();
    const stream = subscribe(`subscription { told(after: "${epoch}.0") }`);
    await world.append('Told', 1, { broken: true });
    await world.append('Told');
    await waitUntil('both', async () => stream.results.length === 2);
    expect(stream.results).toEqual([
      {
        data: { told: null },
        errors: [{ message: 'x is not a function', path: ['told'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
      },
      { data: { told: 2 } },
    ]);
  });

  it('are sent elsewhere when the service is drained, without being completed', async () => {
    const stream = subscribe('subscription { told }');
    const { epoch } = await world.store.log.state();
    const opened = subscribe(`subscription { told(after: "${epoch}.0") }`);
    await world.append('Told');
    await waitUntil('it to be open', async () => opened.results.length === 1);
    await world.service.drain();
    await ended(stream);
    expect(stream.end).toMatchObject({ code: 1001 });
    expect(closed).toEqual([1001]);
  });

  it('lose the socket of who never signs anything', async () => {
    const socket = new WebSocket(`${world.service.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const code = new Promise((resolve) => socket.once('close', resolve));
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    expect(await code).toBe(4401);
  });

  it('are not kept open in numbers by who never signs anything: the oldest goes', async () => {
    await world.close();
    world = await openWorld({ limits: { unprovenSockets: 2 } });
    client = clientOf();
    const stream = subscribe('subscription { told }');
    const other = subscribe('subscription { breaking }');
    await waitUntil('something signed to be answered', async () => other.results.length === 1);
    const strangers = [1, 2, 3].map(() => new WebSocket(`${world.service.url}/graphql`, 'graphql-transport-ws'));
    const states = () => strangers.map(({ readyState }) => readyState).sort();
    for (const stranger of strangers) stranger.on('error', () => undefined);
    await waitUntil('one to be closed', async () => String(states()) === '1,1,3');
    await waitUntil('the signed one to go on', async () => {
      await world.append('Told');
      return stream.results.length > 0;
    });
    for (const stranger of strangers) stranger.terminate();
  });

  it('are not to be had elsewhere, nor in another protocol', async () => {
    const url = world.service.url.replace('http', 'ws');
    const elsewhere = new WebSocket(`${url}/elsewhere`, 'graphql-transport-ws');
    expect(String(await new Promise((resolve) => elsewhere.once('error', resolve)))).toContain('404');
    const other = new WebSocket(`${url}/graphql`);
    expect(await new Promise((resolve) => other.once('close', resolve))).toBe(4406);
  });
});
