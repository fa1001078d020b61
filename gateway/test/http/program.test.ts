/** `npm run gateway`, as anybody would run it before a graph of their own: stock servers, a supergraph composed elsewhere, no secret, no keys. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeServices } from '@apollo/composition';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { until } from '../world/gateway-world.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';
const planetsSdl = `${link}
  type Planet @key(fields: "name") { name: String! moons: Int! }
  type Query { planets: [Planet!]! }`;
const sightingsSdl = `${link}
  type Planet @key(fields: "name") { name: String! }
  type Sighting { planet: Planet! by: String! }
  type Query { sightings: Int! }
  type Subscription { sighted(times: Int!): Sighting! }`;

/** A program under test, and what it printed. */
class Program {
  readonly child: ChildProcess;
  output = '';
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], settings: Readonly<Record<string, string>>) {
    const { PATH, HOME } = process.env;
    this.child = spawn(process.execPath, [main, ...args], { env: { PATH, HOME, ...settings } });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => (this.output += String(chunk)));
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  async port(): Promise<number> {
    const told = () => /"port":(\d+),"msg":"gateway started"/.exec(this.output)?.[1];
    await until(() => told() !== undefined || this.child.exitCode !== null, 'it starts', 25_000);
    const port = told();
    if (port === undefined) throw new Error(this.output);
    return Number(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.ended;
  }
}

async function planets(): Promise<{ url: string; stop: () => Promise<void> }> {
  const all = [
    { name: 'Mars', moons: 2 },
    { name: 'Saturn', moons: 274 },
  ];
  const server = new ApolloServer({
    schema: buildSubgraphSchema({
      typeDefs: parse(planetsSdl),
      resolvers: {
        Query: { planets: () => all },
        Planet: { __resolveReference: ({ name }: { name: string }) => all.find((planet) => planet.name === name) },
      },
    }),
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
  return { url, stop: () => server.stop() };
}

/** Serves subscriptions at a path of its own, and queries not at all. */
async function sightings(): Promise<{ url: string; stop: () => Promise<void> }> {
  const schema = buildSubgraphSchema({
    typeDefs: parse(sightingsSdl),
    resolvers: {
      Subscription: {
        sighted: {
          subscribe: async function* (_: unknown, { times }: { times: number }) {
            for (let time = 1; time <= times; time++)
              yield { sighted: { planet: { name: time % 2 ? 'Mars' : 'Saturn' }, by: `observer ${time}` } };
          },
        },
      },
    },
  });
  const http = createServer((request, response) => {
    request.resume();
    const graphql = request.method === 'POST' && request.url === '/live';
    response.writeHead(graphql ? 200 : 404, { 'content-type': 'application/json' });
    response.end(graphql ? '{"data":{"__typename":"Query","sightings":7}}' : '{}');
  });
  const sockets = new WebSocketServer({ server: http, path: '/live' });
  useServer({ schema }, sockets);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    for (const client of sockets.clients) client.terminate();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/live`, stop };
}

test("a newcomer's graph works behind it: joins, live streams, readiness, and an end without loss", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const servers = await Promise.all([planets(), sightings()]);
  try {
    const [{ url: planetsUrl }, { url: sightingsUrl }] = servers;
    const { supergraphSdl } = composeServices([
      { name: 'planets', url: 'http://127.0.0.1:1/nowhere', typeDefs: parse(planetsSdl) },
      { name: 'live-sightings', url: sightingsUrl, typeDefs: parse(sightingsSdl) },
    ]);
    const file = join(folder, 'supergraph.graphql');
    await writeFile(file, supergraphSdl ?? '');
    await using gateway = new Program(['--supergraph', file, '--port', '0'], {
      PORT: '1',
      NUMBERYARD_PLANETS_URL: planetsUrl,
      NUMBERYARD_OF_ANOTHER_SERVICE: 'x',
    });
    const origin = `127.0.0.1:${await gateway.port()}`;
    const ready = await fetch(`http://${origin}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ok', subgraphs: { planets: 'ok', 'live-sightings': 'ok' } },
    ]);
    const answer = await fetch(`http://${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ planets { name moons } sightings }' }),
    });
    expect(await answer.json()).toEqual({
      data: {
        planets: [
          { name: 'Mars', moons: 2 },
          { name: 'Saturn', moons: 274 },
        ],
        sightings: 7,
      },
    });
    const client = createClient({ url: `ws://${origin}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
    const query = 'subscription { sighted(times: 3) { by planet { name moons } } }';
    const seen: unknown[] = [];
    for await (const event of client.iterate({ query })) seen.push(event);
    expect(seen).toEqual([
      { data: { sighted: { by: 'observer 1', planet: { name: 'Mars', moons: 2 } } } },
      { data: { sighted: { by: 'observer 2', planet: { name: 'Saturn', moons: 274 } } } },
      { data: { sighted: { by: 'observer 3', planet: { name: 'Mars', moons: 2 } } } },
    ]);
    await client.dispose();
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(gateway.output).toContain('NUMBERYARD_KEY_ENDPOINT is not set');
    expect(gateway.output).toContain('NUMBERYARD_OF_ANOTHER_SERVICE');
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true });
  }
});

test('it starts before its subgraphs, says that it is not ready, and turns ready when they are there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const known = await planets();
  const { port } = new URL(known.url);
  await known.stop();
  const composed = composeServices([{ name: 'planets', url: known.url, typeDefs: parse(planetsSdl) }]);
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, composed.supergraphSdl ?? '');
  try {
    await using gateway = new Program([], { NUMBERYARD_SUPERGRAPH: file, PORT: '0' });
    const url = `http://127.0.0.1:${await gateway.port()}/health/ready`;
    const before = await fetch(url);
    expect([before.status, await before.json()]).toEqual([
      503,
      { status: 'unavailable', subgraphs: { planets: 'failing; the log says why' } },
    ]);
    await until(() => gateway.output.includes(`ECONNREFUSED 127.0.0.1:${port}`), 'the log says why');
    const late = createServer((request, response) => {
      request.resume();
      response.end('{"status":"ok"}');
    });
    await new Promise<void>((resolve) => late.listen(Number(port), '127.0.0.1', resolve));
    await until(async () => (await fetch(url)).status === 200, 'it turns ready');
    const closed = new Promise((resolve) => late.close(resolve));
    late.closeAllConnections();
    await closed;
  } finally {
    await rm(folder, { recursive: true });
  }
});
