import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { internalClient } from '@numberyard/kit/service/internal-client';
import { RemoteLog } from '@numberyard/kit/service/remote-log';
import { ServiceClient, ServiceError } from '@numberyard/kit/service/service-client';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { followers } from '@numberyard/kit/workers/collections';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logger, openWorld, secret, sumsEndpoints, type World } from './service-world.js';

const parts = { clock: systemClock, logger };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

let world: World;
beforeEach(async () => {
  world = await openWorld();
  closers.push(() => world.close());
});

/** A server that answers with one status after the other, the last one for ever; -1 cuts the connection. */
async function oddServer(...statuses: number[]): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const server: Server = createServer((_request, response) => {
    const status = statuses[Math.min(asked, statuses.length - 1)] ?? 200;
    asked += 1;
    if (status < 0) response.destroy();
    else response.writeHead(status).end(status === 200 ? '84' : '{"errors":[{"message":"because"}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

function clientOf(url: string, withSecret = secret): ServiceClient {
  const client = new ServiceClient({ service: 'sums', url, caller: 'other', secret: withSecret, clock: systemClock });
  closers.push(() => client.close());
  return client;
}

async function problemOf(promise: Promise<unknown>): Promise<[string, string]> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ServiceError)) throw new Error(`it did not fail as it should: ${String(error)}`);
  return [error.code, error.message];
}

describe('the functions of another service', () => {
  it('answer as they would in the same process, also with nothing', async () => {
    const sums = internalClient(world.client(), sumsEndpoints);
    expect(await sums.double(21)).toBe(42);
    expect(await sums.nothing()).toBeUndefined();
  });

  it('say which service refused and why, which one is away, and what it did not say', async () => {
    const sums = internalClient(world.client(), sumsEndpoints);
    expect(await problemOf(sums.double(101))).toEqual([
      'REFUSED',
      `sums at ${world.service.url} answered 400: number must be a whole number from 0 to 100.`,
    ]);
    expect((await problemOf(sums.away()))[0]).toBe('UNAVAILABLE');
    expect((await problemOf(internalClient(clientOf((await oddServer(500)).url), sumsEndpoints).double(1)))[0]).toBe(
      'FAILED',
    );
  });

  it('say that the secret is another one', async () => {
    const [code, message] = await problemOf(
      internalClient(clientOf(world.service.url, 'x'.repeat(40)), sumsEndpoints).double(1),
    );
    expect(code).toBe('REFUSED');
    expect(message).toContain('the same signing secret');
    expect(message).not.toContain('xxxx');
  });

  it('are asked again a few times when nobody serves, and no more than that', async () => {
    const coming = await oddServer(503, -1, 200);
    expect(await internalClient(clientOf(coming.url), sumsEndpoints).double(42)).toBe(84);
    expect(coming.asked()).toBe(3);
    const staying = await oddServer(503);
    expect((await problemOf(internalClient(clientOf(staying.url), sumsEndpoints).double(1)))[0]).toBe('UNAVAILABLE');
    expect(staying.asked()).toBe(3);
    const refusing = await oddServer(400);
    await problemOf(internalClient(clientOf(refusing.url), sumsEndpoints).double(1));
    expect(refusing.asked()).toBe(1);
  });

  it('say that nobody listens where they are looked for', async () => {
    const { url } = world.service;
    await world.service.drain();
    const [code, message] = await problemOf(
      clientOf(url).once({ method: 'GET', path: '/internal/log', timeout: 5_000 }),
    );
    expect([code, message]).toEqual(['UNAVAILABLE', `sums at ${url} cannot be reached (ECONNREFUSED)`]);
  });

  it('give up when the answer takes too long', async () => {
    const request = { method: 'GET', path: '/internal/log?after=0&wait=25', timeout: 50 } as const;
    const [code, message] = await problemOf(clientOf(world.service.url).once(request));
    expect([code, message]).toEqual(['UNAVAILABLE', `sums at ${world.service.url} did not answer in 50 ms`]);
  });
});

describe('the log of another service', () => {
  it('reads as the log itself', async () => {
    const log = new RemoteLog(world.client(), parts);
    await world.append('Told', 3);
    await world.append('Other', 2);
    expect(await log.state()).toEqual(await world.store.log.state());
    for (const read of [
      { after: 0, limit: 10 },
      { after: 1, limit: 1 },
      { after: 0, limit: 10, types: ['Other', 'Told'] },
      { after: 0, limit: 10, types: ['Other'] },
      { after: 5, limit: 10 },
      { after: 7, limit: 10 },
    ]) {
      expect(await log.read(read)).toEqual(await world.store.log.read(read));
    }
  });

  it('tells how far it has been applied with the next request', async () => {
    const log = new RemoteLog(world.client(), parts);
    await world.append('Told', 3);
    const { epoch } = await log.state();
    log.report({ follower: 'other', epoch, position: 2 });
    await log.read({ after: 2, limit: 1 });
    await waitUntil('it to be kept', async () => (await world.store.get(followers, 'other'))?.position === 2);
  });

  it('rings while anybody listens, by one poll for all, and polls no more when nobody does', async () => {
    const log = new RemoteLog(world.client(), parts);
    let first = 0;
    let second = 0;
    const silence = [log.onAppend(() => (first += 1)), log.onAppend(() => (second += 1))];
    await waitUntil('the poll', async () => world.seen.listening === 1);
    const before = [first, second];
    await world.append('Told');
    await waitUntil('both to ring', async () => first > (before[0] ?? 0) && second > (before[1] ?? 0));
    await waitUntil('the next poll', async () => world.seen.listening === 1);
    for (const silent of silence) silent();
    await waitUntil('the poll to end', async () => world.seen.listening === 0);
    const after = [first, second];
    await world.append('Told');
    expect(await log.state()).toMatchObject({ head: 2 });
    expect([first, second]).toEqual(after);
  });

  it('says when what answers is no log', async () => {
    const log = new RemoteLog(clientOf((await oddServer(200)).url), parts);
    expect((await problemOf(log.state()))[0]).toBe('FAILED');
  });
});
