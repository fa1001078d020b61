import { connect } from 'node:net';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asCaller, asService, openWorld, type Answer, type World } from './service-world.js';

let world: World;
beforeEach(async () => {
  world = await openWorld({ limits: { bodySize: 10_000, unprovenBodies: 15_000, longPolls: 2 } });
});
afterEach(() => world.close());

function ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer> {
  const body = JSON.stringify({ query, variables });
  return world.call('/graphql', { method: 'POST', caller: asCaller, body, ...(headers && { headers }) });
}

const codeOf = ({ json }: Answer) => json.errors?.[0]?.extensions['code'];

describe('a service', () => {
  it('believes nobody who does not sign, on any route but health', async () => {
    const routes = [
      ['GET', '/'],
      ['GET', '/internal/log'],
      ['POST', '/internal/double'],
      ['POST', '/graphql'],
      ['PUT', '/x'],
    ];
    for (const [method = '', path = ''] of routes) {
      const body = method === 'GET' ? {} : { body: '{}' };
      const answer = await world.call(path, { method, ...body, caller: undefined });
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 401, 'UNSIGNED']);
    }
    expect((await world.call('/health/live', { caller: undefined })).status).toBe(200);
    expect((await world.call('/health/ready', { caller: undefined })).json).toEqual({ status: 'ok' });
  });

  it.each([
    ['another body', { body: '{"query":"{ who }" }' }],
    ['another path', { path: '/graphql?x=1' }],
    ['another method', { method: 'GET' }],
    ['a time long ago', { skew: -61_000 }],
    ['a time to come', { skew: 65_000 }],
    ['another secret', { secret: 'b secret that only the services of one installation hold' }],
  ])('refuses a request that was signed with %s', async (_, signed) => {
    const request = { method: 'POST', caller: asCaller, body: '{"query":"{ who }"}' };
    expect((await world.call('/graphql', request)).status).toBe(200);
    const answer = await world.call('/graphql', { ...request, signed });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'UNSIGNED']);
  });

  it('runs operations for end callers and internal functions for services, not the other way round', async () => {
    expect((await ask('{ who }')).json).toEqual({ data: { who: 'Ünal' } });
    const operation = { method: 'POST', body: '{"query":"{ who }"}' };
    expect((await world.call('/graphql', { ...operation, caller: asService })).status).toBe(403);
    expect((await world.call('/internal/double', { method: 'POST', body: '{"number":1}' })).text).toBe('2');
    for (const path of ['/internal/double', '/internal/log']) {
      const method = path === '/internal/log' ? 'GET' : 'POST';
      const body = method === 'POST' ? { body: '{"number":1}' } : {};
      expect((await world.call(path, { method, ...body, caller: asCaller })).status).toBe(403);
    }
  });

  it('passes the id of the request on, and makes one when it is none', async () => {
    const given = await ask('{ request }', {}, { 'x-request-id': 'trace-12345678' });
    expect([given.json.data, given.headers.get('x-request-id')]).toEqual([
      { request: 'trace-12345678' },
      'trace-12345678',
    ]);
    const odd = await ask('{ request }', {}, { 'x-request-id': 'a b' });
    expect(odd.json.data?.['request']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('tells errors with their codes, and marks those that nobody decided on', async () => {
    expect((await ask('{ refused }')).json.errors).toEqual([
      { message: 'Not for you.', path: ['refused'], extensions: { code: 'FORBIDDEN', field: 'x' } },
    ]);
    expect((await ask('{ broken who }')).json).toEqual({
      data: { broken: null, who: 'Ünal' },
      errors: [{ message: 'x is not a function', path: ['broken'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(codeOf(await ask('{ nothing }'))).toBe('INTERNAL_SERVER_ERROR');
    expect(codeOf(await ask('{ who'))).toBe('INTERNAL_SERVER_ERROR');
  });

  it('tells bad variables by their place, without their values', async () => {
    const { json } = await ask('query ($n: Int!) { echo(number: $n) }', { n: 'opensesame' });
    expect(json.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'n' });
    expect(JSON.stringify(json)).not.toContain('opensesame');
  });

  it('tells that its database is away, and of a mutation that its outcome is not known, without where', async () => {
    const query = await ask('{ away who }');
    expect(query.json.data).toEqual({ away: null, who: 'Ünal' });
    expect(codeOf(query)).toBe('SUBGRAPH_UNAVAILABLE');
    expect(codeOf(await ask('mutation { away }'))).toBe('SUBGRAPH_OUTCOME_UNKNOWN');
    expect(query.text).not.toContain('mongodb.internal');
  });

  it.each([
    ['no JSON', '{"query"', 400],
    ['no object', '[]', 400],
    ['no query', '{}', 400],
    ['variables that are no object', '{"query":"{ who }","variables":[]}', 400],
    ['too much', `{"query":"{ who ${' '.repeat(10_000)}}"}`, 413],
  ])('refuses an operation that holds %s', async (_, body, status) => {
    expect((await world.call('/graphql', { method: 'POST', caller: asCaller, body })).status).toBe(status);
  });

  it('keeps no more of what strangers send than it has room for: the oldest is cut', async () => {
    const head = 'POST /graphql HTTP/1.1\r\nHost: x\r\nnumberyard-identity: v1\r\nContent-Length: 9000\r\n\r\n';
    const strangers = [await rawConnection(), await rawConnection()];
    for (const stranger of strangers) stranger.write(head + 'x'.repeat(8_000));
    await waitUntil('one to be cut', async () => strangers.some(({ destroyed }) => destroyed));
    expect(strangers.filter(({ destroyed }) => destroyed)).toHaveLength(1);
    expect((await ask(`{ who ${' '.repeat(5_000)}}`)).json).toEqual({ data: { who: 'Ünal' } });
    for (const stranger of strangers) stranger.destroy();
  });

  it('refuses other methods, types and places', async () => {
    const body = '{"query":"{ who }"}';
    expect((await world.call('/graphql', { caller: asCaller })).status).toBe(405);
    const plain = { 'content-type': 'text/plain' };
    expect((await world.call('/graphql', { method: 'POST', caller: asCaller, body, headers: plain })).status).toBe(415);
    expect((await world.call('/internal/log', { method: 'POST', body: '{}' })).status).toBe(405);
    expect((await world.call('/internal/unheard', { method: 'POST', body: '{}' })).status).toBe(404);
    expect((await world.call('/elsewhere')).status).toBe(404);
  });

  it('says why it is not ready only to who signs', async () => {
    world.state.problem = 'no primary at mongodb.internal';
    const strange = await world.call('/health/ready', { caller: undefined });
    expect([strange.status, strange.json]).toEqual([503, { status: 'unavailable', reason: 'the log says why' }]);
    const known = await world.call('/health/ready');
    expect([known.status, known.json]).toEqual([503, { status: 'unavailable', reason: world.state.problem }]);
    const forged = await world.call('/health/ready', { signed: { path: '/' } });
    expect(forged.text).not.toContain('mongodb.internal');
    delete world.state.problem;
    expect((await world.call('/health/ready', { caller: undefined })).status).toBe(200);
  });

  it('asks callers to come back before it has anything to serve, and to sign all the same', async () => {
    const starting = await openWorld({ serving: false });
    expect((await starting.call('/internal/log')).status).toBe(503);
    expect((await starting.call('/internal/log', { caller: undefined })).status).toBe(401);
    expect((await starting.call('/health/live', { caller: undefined })).status).toBe(200);
    await starting.close();
  });

  it('finishes what is under way when it is drained, lets long polls go, and takes nothing new', async () => {
    const slow = ask('{ slow }');
    const poll = world.call('/internal/log?after=0&wait=25');
    const idle = await rawConnection();
    await waitUntil('both to be under way', async () => world.seen.slow === 1 && world.seen.listening === 1);
    const drained = world.service.drain();
    expect((await poll).status).toBe(200);
    expect((await poll).headers.get('connection')).toBe('close');
    await expect(ask('{ who }')).rejects.toThrow();
    world.release();
    expect((await slow).json).toEqual({ data: { slow: 'done' } });
    await drained;
    await waitUntil('the silent one to be closed', async () => idle.destroyed);
  });
});

/** One that sends nothing. */
async function rawConnection() {
  const socket = connect(world.service.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}
