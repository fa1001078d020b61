/** A whole Numberyard as processes on MongoDB, in databases of its own: two of each subgraph and two gateways, each of which can be killed. */
import { takeTestDatabases } from '@numberyard/kit/testing/mongo';
import { startBalancer } from './balancer.js';
import { ApiClient } from './client.js';
import {
  operatorSettings,
  serviceOf,
  setupOf,
  SUBGRAPHS,
  type ServiceName,
  type SubgraphName,
} from './compose-services.js';
import { createManagers } from './managers.js';
import { takePorts } from './ports.js';
import { ServiceProcess } from './service-process.js';
import { openDatabases } from './databases.js';
import { STORY, storyKey } from './story.js';
import type { World } from './world.js';

export interface ProcessWorld extends World {
  readonly replicas: Readonly<Record<ServiceName, readonly ServiceProcess[]>>;
  /** A client of one gateway alone. */
  clientOf(gateway: ServiceProcess, key?: string): ApiClient;
}

const REPLICAS = 2;

export async function openProcessWorld(): Promise<ProcessWorld> {
  const adminKey = storyKey();
  const settings = { ...operatorSettings(adminKey), LOG_LEVEL: 'debug' };
  const log: string[] = [];
  const databases = await takeTestDatabases('world');
  const ports = await portsOf([...SUBGRAPHS, 'gateway']);
  const balancers = await mapValues(
    Object.fromEntries(SUBGRAPHS.map((name) => [name, ports[name]])) as Record<SubgraphName, number[]>,
    startBalancer,
  );
  const place = { mongodbUri: databases.uri, ports: await mapValues(balancers, async ({ port }) => port) };
  const replicas = await mapValues(ports, async (taken, name) => {
    const service = serviceOf(name, settings);
    return taken.map((port, index) => {
      const { environment, ...setup } = setupOf(service, place, port);
      return new ServiceProcess({
        ...setup,
        name: `${name} ${index + 1}`,
        environment: name === 'connections' ? { ...environment, ...STORY } : environment,
        print: (line) => void log.push(line),
      });
    });
  });
  const subgraphs = SUBGRAPHS.flatMap((name) => replicas[name]);
  const gateways = replicas.gateway;
  // The first of each makes collections and indexes, which the others would only be in the way of.
  const start = async () => {
    for (let replica = 0; replica < REPLICAS; replica += 1) {
      await Promise.all(
        Object.values(replicas)
          .flatMap((processes) => processes.slice(replica, replica + 1))
          .map((process) => process.start()),
      );
    }
  };
  // Callers first, so that nobody asks who is gone.
  const stop = async () => {
    for (const group of [gateways, subgraphs]) {
      await Promise.all(group.filter(({ running }) => running).map((process) => process.stop()));
    }
  };
  const managers = createManagers();
  const closings = [
    () => managers.close(),
    () => Promise.all(Object.values(balancers).map((balancer) => balancer.close())),
    async () => databases.release(),
  ];
  try {
    await start();
    const stored = await openDatabases(databases.uri);
    closings.unshift(() => stored.close());
    let turn = 0;
    const nextUrl = () => {
      const gateway = gateways[turn++ % gateways.length];
      if (!gateway) throw new Error('there is no gateway');
      return gateway.url;
    };
    return {
      adminKey,
      log,
      replicas,
      provider: await providerOf(new ApiClient(nextUrl, adminKey)),
      get url() {
        return nextUrl();
      },
      client: (key = adminKey) => new ApiClient(nextUrl, key),
      clientOf: (gateway, key = adminKey) => new ApiClient(gateway.url, key),
      routingManager: managers.start,
      store: stored.store,
      atRest: stored.content,
      async restart() {
        await stop();
        await start();
      },
      async close() {
        await stop();
        for (const close of closings) await close();
      },
    };
  } catch (error) {
    await Promise.all([...subgraphs, ...gateways].map((process) => process.kill()));
    for (const close of closings) await close();
    throw error;
  }
}

async function portsOf<Name extends string>(names: readonly Name[]): Promise<Record<Name, number[]>> {
  const entries = await Promise.all(names.map(async (name) => [name, await takePorts(REPLICAS)] as const));
  return Object.fromEntries(entries) as Record<Name, number[]>;
}

async function mapValues<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  map: (value: From, name: Name) => Promise<To>,
): Promise<Record<Name, To>> {
  const entries = Object.entries<From>(record).map(async ([name, value]) => [name, await map(value, name as Name)]);
  return Object.fromEntries(await Promise.all(entries)) as Record<Name, To>;
}

async function providerOf(client: ApiClient): Promise<string> {
  const { edges } = await client.ask<{ edges: { node: { id: string } }[] }>(
    '{ hierarchyNodes(type: PROVIDER) { edges { node { id } } } }',
  );
  const [provider] = edges;
  if (!provider) throw new Error('there is no provider');
  return provider.node.id;
}
