/** docker-compose.yml come true: its commands with its environment, but for hosts and ports, as processes of this machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { takeTestDatabases, type TestDatabases } from '@numberyard/kit/testing/mongo';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiClient } from '../../src/world/client.js';
import {
  operatorSettings,
  serviceOf,
  setupOf,
  SUBGRAPHS,
  type ServiceName,
  type SubgraphName,
} from '../../src/world/compose-services.js';
import { takePorts } from '../../src/world/ports.js';
import { ServiceProcess } from '../../src/world/service-process.js';
import { storyKey } from '../../src/world/story.js';

const SERVICES: readonly ServiceName[] = [...SUBGRAPHS, 'gateway'];
const key = storyKey();
const settings = operatorSettings(key);
const lines: string[] = [];

let databases: TestDatabases;
let started: { readonly name: ServiceName; readonly process: ServiceProcess; readonly check: () => Promise<number> }[];

beforeAll(async () => {
  databases = await takeTestDatabases('compose');
  const ports = Object.fromEntries(
    await Promise.all(SERVICES.map(async (name) => [name, (await takePorts(1))[0]] as const)),
  ) as Record<ServiceName, number>;
  const place = { mongodbUri: databases.uri, ports: ports as Record<SubgraphName, number> };
  started = SERVICES.map((name) => {
    const service = serviceOf(name, settings);
    const setup = setupOf(service, place, ports[name]);
    return {
      name,
      process: new ServiceProcess({ ...setup, name, print: (line) => void lines.push(line) }),
      check: () => healthOf(service.healthcheck, setup.environment),
    };
  });
  await Promise.all(started.map(({ process }) => process.start()));
});

afterAll(async () => {
  await Promise.all((started ?? []).map(({ process }) => process.kill()));
  databases?.release();
});

/** What Docker would do every ten seconds. @returns the exit code */
async function healthOf(
  [kind, ...command]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  expect([kind, command[0]]).toEqual(['CMD', 'node']);
  const child = spawn(process.execPath, command.slice(1), { env: environment, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

it('says by its own health checks that all of it is well', async () => {
  expect(await Promise.all(started.map(async ({ name, check }) => [name, await check()]))).toEqual(
    SERVICES.map((name) => [name, 0]),
  );
});

it('answers a query across all subgraphs through the gateway, by the key of .env', async () => {
  const gateway = started.at(-1)?.process;
  const answer = await new ApiClient(gateway?.url ?? '', key).send(`{
    hierarchyNodes(type: PROVIDER) { edges { node { name } } }
    audioCodesConnections { edges { node { id } } }
    networkResources { edges { node { id } } }
    auditRuns { edges { node { id } } }
  }`);
  expect(answer).toEqual({
    data: {
      hierarchyNodes: { edges: [{ node: { name: 'Provider' } }] },
      audioCodesConnections: { edges: [] },
      networkResources: { edges: [] },
      auditRuns: { edges: [] },
    },
  });
});

it('refuses at every subgraph whoever comes past the gateway', async () => {
  for (const { name, process } of started) {
    if (name === 'gateway') continue;
    const response = await fetch(`${process.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    expect(response.status, name).toBe(401);
  }
});

it('ends every service with code 0 within its grace period, also under an open subscription', async () => {
  const gateway = started.at(-1)?.process;
  const live = new ApiClient(gateway?.url ?? '', key).subscribe('subscription { numberChanged { cursor } }');
  for (const { name, process } of [...started].reverse()) {
    const { gracePeriod } = serviceOf(name, settings);
    const { code, signal, after } = await process.stop();
    expect({ name, code, signal }).toEqual({ name, code: 0, signal: null });
    expect(after, name).toBeLessThan(gracePeriod);
  }
  await waitUntil('the subscription to end', () => live.ended);
  await live.stop();
  expect(await Promise.all(started.map(({ check }) => check()))).toEqual(SERVICES.map(() => 1));
});

it('prints no secret', () => {
  expect(lines.length).toBeGreaterThan(0);
  for (const [name, secret] of Object.entries(settings)) {
    expect(
      lines.filter((line) => line.includes(secret)),
      name,
    ).toEqual([]);
  }
});
