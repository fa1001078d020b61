/** kill -9 at random moments of a sync, a sweep and a claim: nothing acknowledged is lost, nothing is half done. */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomFrom } from '@numberyard/kit/testing/random';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { startRoutingManager, type RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { expect, it } from 'vitest';
import { checkData, type Acknowledged } from '../src/fault/check.js';
import { startServer, type Server } from '../src/fault/server.js';
import { ApiClient } from '../src/world/client.js';
import { addNumbers, connect, createNode, ended, setMacro } from '../src/world/steps.js';

const POINTS = Number(process.env['FAULT_POINTS'] ?? 200);
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));
const FIRST = '+493023125000';
const DEVICES = 900;
/** Longest a process lives after it serves, so that kills fall into every part of the work. */
const LONGEST_LIFE_MS = 900;

const CLAIM = `mutation($input: ClaimNextAvailableNumberInput!) {
  claimNextAvailableNumber(input: $input) { number { id } userErrors { code message field } }
}`;
const RUN = `mutation($input: RunDataSyncInput!) { runDataSync(input: $input) { syncRun { id } userErrors { code } } }`;

it(`keeps everything acknowledged over ${POINTS} kills (FAULT_SEED=${SEED})`, async () => {
  const random = randomFrom(SEED);
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-fault-'));
  const key = `ny_${randomBytes(24).toString('base64url')}`;
  const manager = await startRoutingManager({
    username: 'operator',
    password: 'for the fault test',
    users: { count: DEVICES, firstNumber: FIRST },
  });
  const claims: Acknowledged[] = [];
  const failures: string[] = [];
  let server: Server | undefined;
  try {
    server = await startServer(folder, key);
    const { dataSync, site } = await prepare(new ApiClient(server.url, key), manager);
    for (let point = 0; point < POINTS; point += 1) {
      const client = new ApiClient(server.url, key);
      const work = [
        moveDevices(manager, random),
        attempt(() => client.send(RUN, { input: { dataSync } })),
        claimSome(client, site, `${point}`, claims),
      ];
      await delay(random() * LONGEST_LIFE_MS);
      await server.kill();
      await Promise.all(work);
      const problems = await checkData(folder, claims);
      failures.push(...problems.map((problem) => `after kill ${point}: ${problem}`));
      if (failures.length > 0) break;
      server = await startServer(folder, key);
    }
    expect(failures).toEqual([]);
    await settles(new ApiClient(server.url, key), manager, dataSync);
  } catch (error) {
    throw new Error(`the last server printed:\n${server?.printed.slice(-30).join('\n')}`, { cause: error });
  } finally {
    await server?.kill();
    await manager.close();
    await rm(folder, { recursive: true, force: true });
  }
});

async function prepare(client: ApiClient, manager: RoutingManager): Promise<{ dataSync: string; site: string }> {
  const nodes = await client.ask<{ edges: { node: { id: string } }[] }>(
    '{ hierarchyNodes(type: PROVIDER) { edges { node { id } } } }',
  );
  const reseller = await createNode(client, nodes.edges[0]?.node.id ?? '', 'RESELLER', 'Reseller');
  const customer = await createNode(client, reseller, 'CUSTOMER', 'Customer');
  const site = await createNode(client, customer, 'SITE', 'Site');
  await addNumbers(client, site, '+496990009000', '+496990009999');
  await setMacro(client, customer, 'audiocodes_cooling_duration', 'PT2S');
  const connection = await connect(client, customer, 'main', {
    address: manager.address,
    username: 'operator',
    password: 'for the fault test',
  });
  return { dataSync: connection.sync, site };
}

/** Some devices go, offline or without a trace, and some come back. */
async function moveDevices({ control }: RoutingManager, random: () => number): Promise<void> {
  for (let index = 0; index < 60; index += 1) {
    const number = `+${BigInt(FIRST.slice(1)) + BigInt(Math.floor(random() * DEVICES))}`;
    const choice = random();
    if (choice < 0.5) control.bringBack(number);
    else if (choice < 0.75) control.takeOffline(number);
    else control.drop(number);
  }
}

async function claimSome(client: ApiClient, node: string, round: string, claims: Acknowledged[]): Promise<void> {
  const asked = Array.from({ length: 4 }, async (_, index) => {
    const ref = `claim-${round}-${index}`;
    const answer = await attempt(() => client.send(CLAIM, { input: { node, ref, idempotencyKey: ref } }));
    const payload = answer?.data?.['claimNextAvailableNumber'] as { number: { id: string } | null } | null | undefined;
    if (payload?.number) claims.push({ number: payload.number.id, ref });
  });
  await Promise.all(asked);
}

/** What a killed server does not answer, nobody has been promised. */
async function attempt<T>(call: () => Promise<T>): Promise<T | undefined> {
  return call().catch(() => undefined);
}

/** Left alone, the inventory comes to what the routing manager says: every device that is there is Used, every other number free. */
async function settles(client: ApiClient, manager: RoutingManager, dataSync: string): Promise<void> {
  const active = await client.ask<{ edges: { node: { id: string; state: string } }[] }>(
    '{ syncRuns(first: 500) { edges { node { id state } } } }',
  );
  for (const { node } of active.edges) await ended(client, node.id, 60_000);
  const answer = await client.send(RUN, { input: { dataSync } });
  const run = (answer.data?.['runDataSync'] as { syncRun: { id: string } }).syncRun.id;
  expect(await ended(client, run, 60_000)).toMatchObject({ error: null });
  const online = manager.control.list(0, 1_000_000).items.filter(({ state }) => state === 'ONLINE').length;
  await waitUntil('the cooling to be over', async () => {
    const { byStatus } = await client.ask<{ byStatus: { status: string; count: number }[] }>(
      '{ numberSummary { byStatus { status count } } }',
    );
    return byStatus.every(({ status, count }) => status !== 'COOLING' || count === 0);
  });
  const { byVendor } = await client.ask<{ byVendor: { vendor: string | null; count: number }[] }>(
    '{ numberSummary { byVendor { vendor count } } }',
  );
  expect(byVendor.find(({ vendor }) => vendor === 'AudioCodes')?.count ?? 0).toBe(online);
}
