/** Subgraphs as services of their own: what they wait for, what they say meanwhile, how they end. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { readSettings } from '@numberyard/kit/config/settings';
import { createLogger } from '@numberyard/kit/logging/logger';
import { IDENTITY_HEADER, signCaller } from '@numberyard/kit/service/signature';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import type { SubgraphName } from '@numberyard/schema/sdl';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLoneSubgraph, type LoneSubgraph } from '../src/lone-subgraph.js';
import { settingsTable } from '../src/settings.js';

const secret = '0123456789abcdef0123456789abcdef';
const closers: (() => Promise<unknown>)[] = [];
let folder: string;
let keys: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'numberyard-lone-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  keys = [];
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function start(name: SubgraphName, env: Record<string, string>): Promise<LoneSubgraph> {
  const settings = readSettings(settingsTable, { PORT: '0', NUMBERYARD_DATA: join(folder, name), ...env });
  const lone = await startLoneSubgraph({
    name,
    settings: { ...settings, signingSecret: secret },
    clock: systemClock,
    logger: createLogger('silent'),
    onAdminKey: (key) => keys.push(key),
  });
  closers.push(() => lone.drain());
  return lone;
}

async function ready(lone: LoneSubgraph): Promise<{ status: number; reason?: string }> {
  const path = '/health/ready';
  const header = signCaller(secret, { method: 'GET', path, body: '', caller: { service: 'test' }, now: Date.now() });
  const response = await fetch(`${lone.url}${path}`, { headers: { [IDENTITY_HEADER]: header } });
  const { reason } = (await response.json()) as { reason?: string };
  return { status: response.status, ...(reason !== undefined && { reason }) };
}

describe('a subgraph as a service of its own', () => {
  it('listens at once, says whom it waits for, and is ready when they are there', async () => {
    const [connectionsPort, inventoryPort] = [await freePort(), await freePort()];
    const urls = {
      NUMBERYARD_CONNECTIONS_URL: `http://127.0.0.1:${connectionsPort}/graphql`,
      NUMBERYARD_NUMBER_INVENTORY_URL: `http://127.0.0.1:${inventoryPort}/graphql`,
    };
    const audit = await start('audit', urls);
    const waiting = await waitUntil('it to wait', async () => {
      const state = await ready(audit);
      return state.reason?.includes('waiting for number-inventory') ? state : undefined;
    });
    expect(waiting.status).toBe(503);
    expect(waiting.reason).toContain(`127.0.0.1:${inventoryPort} cannot be reached`);
    expect((await fetch(`${audit.url}/health/live`)).status).toBe(200);

    const inventory = await start('number-inventory', { ...urls, PORT: String(inventoryPort) });
    await audit.running;
    expect(await ready(audit)).toEqual({ status: 200 });
    expect((await ready(inventory)).status).toBe(503);

    const connections = await start('connections', { ...urls, PORT: String(connectionsPort) });
    await Promise.all([inventory.running, connections.running]);
    for (const lone of [inventory, connections]) expect(await ready(lone)).toEqual({ status: 200 });
    expect(keys).toHaveLength(1);
  });

  it('makes one key for the administrator, at the first start only', async () => {
    const nobody = { NUMBERYARD_CONNECTIONS_URL: `http://127.0.0.1:${await freePort()}` };
    for (let starts = 0; starts < 2; starts += 1) {
      const inventory = await start('number-inventory', nobody);
      await waitUntil('it to wait', async () => (await ready(inventory)).reason?.includes('waiting for connections'));
      await inventory.drain();
    }
    expect(keys).toHaveLength(1);
  });

  it('waits for a MongoDB that is not there, and can be stopped meanwhile', async () => {
    const MONGODB_URI = `mongodb://127.0.0.1:${await freePort()}/?replicaSet=set`;
    const audit = await start('audit', { MONGODB_URI });
    const waiting = await waitUntil('the reason', async () => {
      const state = await ready(audit);
      return state.reason?.includes('MongoDB') ? state : undefined;
    });
    expect(waiting.status).toBe(503);
    expect((await fetch(`${audit.url}/health/live`)).status).toBe(200);
    const path = '/internal/log';
    const header = signCaller(secret, { method: 'GET', path, body: '', caller: { service: 'test' }, now: Date.now() });
    expect((await fetch(`${audit.url}${path}`, { headers: { [IDENTITY_HEADER]: header } })).status).toBe(503);
    await audit.drain();
    await expect(audit.running).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('does not wait where waiting does not help', async () => {
    const MONGODB_URI = 'mongodb://user:open/sesame@127.0.0.1/';
    const audit = await start('audit', { MONGODB_URI });
    const problem = await audit.running.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(problem).toMatchObject({ code: 'INVALID' });
    expect(String(problem)).not.toContain('sesame');
  });
});
