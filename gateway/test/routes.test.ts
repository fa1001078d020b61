import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { CHUNK, Files, inProcess, openFiles, overHttp } from './world/files.js';
import { until, type GatewayWorld } from './world/gateway-world.js';

const asAnna = { authorization: 'Bearer anna' };

describe.each([
  ['in the same process', inProcess],
  ['over HTTP', overHttp],
] as const)('what is passed on to a subgraph %s', (_, transport) => {
  const open = (files: Files, options = {}) => openFiles(files, transport, options);
  const ask = (world: GatewayWorld, path: string, init: RequestInit = {}) =>
    fetch(`${world.gateway.url}/files/${path}`, { ...init, headers: { ...asAnna, ...init.headers } });
  const refusal = async (response: Response) => [
    response.status,
    ((await response.json()) as { errors: [{ extensions: unknown }] }).errors[0].extensions,
  ];

  test('carries the caller, the query, a few headers and both bodies', async () => {
    const files = new Files();
    await using world = await open(files);
    const response = await ask(world, 'upload?name=a%20b', {
      method: 'POST',
      body: CHUNK.repeat(20),
      headers: { 'content-type': 'text/csv', 'idempotency-key': 'key-1', cookie: 'c=1', 'x-request-id': 'request-1' },
    });
    expect(await response.text()).toBe(`anna a b\nwhole ${CHUNK.length * 20}\n`);
    expect(files.seen).toEqual({
      path: '/files/upload',
      headers: { accept: '*/*', 'content-type': 'text/csv', 'idempotency-key': 'key-1' },
      requestId: 'request-1',
    });
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.get('content-disposition')).toBe('attachment');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-inner')).toBeNull();
  });

  test('needs a key that counts, a method that fits and a path that is served', async () => {
    await using world = await open(new Files());
    const stranger = await ask(world, 'many?most=1', { headers: { authorization: 'Bearer nobody' } });
    expect(stranger.headers.get('www-authenticate')).toBe('Bearer');
    expect((await refusal(stranger))[0]).toBe(401);
    expect(await refusal(await ask(world, 'nothing'))).toEqual([404, { code: 'NOT_FOUND' }]);
    expect(await refusal(await ask(world, 'many', { method: 'DELETE' }))).toEqual([
      405,
      { code: 'METHOD_NOT_ALLOWED' },
    ]);
    expect(await refusal(await ask(world, 'upload'))).toEqual([405, { code: 'METHOD_NOT_ALLOWED' }]);
  });

  test('belongs to the subgraph with the longest beginning of its path, in whichever order they are given', async () => {
    await using world = await open(new Files(), {
      routes: [
        { prefix: '/files/', subgraph: 'products' },
        { prefix: '/files/man', subgraph: 'reviews' },
      ],
    });
    expect((await ask(world, 'many?most=0')).status).toBe(404);
    expect((await ask(world, 'forbidden')).status).toBe(403);
  });

  test('tells refusals with their status and code, and hides faults behind the request id', async () => {
    await using world = await open(new Files());
    expect(await refusal(await ask(world, 'forbidden'))).toEqual([403, { code: 'FORBIDDEN' }]);
    expect(await refusal(await ask(world, 'picky', { method: 'POST', body: 'x' }))).toEqual([
      409,
      { code: 'TAKEN', field: 'x' },
    ]);
    const fault = await ask(world, 'fault', { headers: { 'x-request-id': 'request-2' } });
    expect(fault.status).toBe(500);
    const told = await fault.text();
    expect(told).toContain('request-2');
    expect(told).not.toContain('function');
  });

  test('tells why it refuses a body that is still being sent', async () => {
    await using world = await open(new Files());
    const socket = connect(world.gateway.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => (answer += String(data))).on('error', () => undefined);
    socket.write(
      'POST /files/picky HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer anna\r\nContent-Length: 100000000\r\n\r\n',
    );
    const more = setInterval(() => socket.write(CHUNK), 1);
    await until(() => answer.includes('TAKEN'), 'the refusal');
    clearInterval(more);
    expect(answer).toContain('409 Conflict');
    socket.destroy();
  });

  test('that breaks in the middle ends as a cut answer, never as a short one', async () => {
    await using world = await open(new Files());
    const response = await ask(world, 'broken');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test('is made at the pace of whoever reads it, and ended when nobody does any more', async () => {
    const files = new Files();
    await using world = await open(files);
    const leave = new AbortController();
    const response = await ask(world, 'many?most=100000', { signal: leave.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    let before = -1;
    await until(async () => {
      const stands = files.made === before;
      before = files.made;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return stands;
    }, 'it to stand still');
    expect(files.made).toBeLessThan(2_000);
    leave.abort();
    await until(() => files.returned === 1 && files.aborted === 1, 'it to end below');
  });

  test('is known below to be cut when the caller leaves in the middle of its body', async () => {
    const files = new Files();
    await using world = await open(files);
    const socket = connect(world.gateway.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      'POST /files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer anna\r\nContent-Length: 1000000\r\n\r\nabc',
    );
    await until(() => files.received === 3, 'its beginning to arrive');
    socket.destroy();
    await until(() => files.cut === 1, 'the cut to be told');
  });

  test('is bounded in size, and in number for a caller', async () => {
    const files = new Files();
    await using world = await open(files, { limits: { routeBodySize: 1_000, routeStreamsPerCaller: 1 } });
    const large = await ask(world, 'upload', { method: 'POST', body: CHUNK });
    expect(await refusal(large)).toEqual([413, { code: 'PAYLOAD_TOO_LARGE' }]);
    const unknown = { method: 'POST', body: new Blob([CHUNK, CHUNK]).stream(), duplex: 'half' } as RequestInit;
    expect(await refusal(await ask(world, 'whole', unknown))).toEqual([413, { code: 'PAYLOAD_TOO_LARGE' }]);
    const leave = new AbortController();
    await ask(world, 'many?most=100000', { signal: leave.signal });
    expect(await refusal(await ask(world, 'many?most=1'))).toEqual([429, { code: 'TOO_MANY_STREAMS' }]);
    const other = await ask(world, 'upload', { method: 'POST', headers: { authorization: 'Bearer bert' }, body: 'x' });
    expect(await other.text()).toContain('whole 1');
    leave.abort();
    await until(async () => (await ask(world, 'upload', { method: 'POST', body: 'x' })).status === 200, 'room again');
  });

  test('is cut when the key is revoked, and when nothing goes either way', async () => {
    const files = new Files();
    await using world = await open(files, { limits: { keyAge: 50 } });
    const revoked = await ask(world, 'many?most=100000');
    world.keys.delete('Bearer anna');
    await expect(revoked.text()).rejects.toThrow();

    const idle = new Files();
    await using still = await open(idle, { limits: { routeIdle: 100 } });
    await ask(still, 'many?most=100000');
    await until(() => idle.returned === 1, 'the end of a stream that nobody reads');
  });

  test('is cut by the end of the time a stop has', async () => {
    const files = new Files();
    await using world = await open(files, { limits: { drainTimeout: 100 } });
    const response = await ask(world, 'many?most=1000000');
    await world.gateway.drain();
    await expect(response.text()).rejects.toThrow();
    await until(() => files.returned === 1, 'it to end below');
  });
});
