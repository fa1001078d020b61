/** Whether what the gateway needs is there: asked of the subgraphs, foreign ones too, and of whoever verifies keys. */
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { verifyCaller } from '@numberyard/kit/service/signature';
import { Readiness } from '../../src/subgraphs/readiness.js';
import { signingSecret } from '../world/shop-servers.js';
import { until } from '../world/gateway-world.js';

class Service {
  readonly #server: Server;
  readonly asked: string[] = [];
  port = 0;

  constructor(answer: RequestListener) {
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`);
      answer(request, response);
    });
  }

  static async start(answer: RequestListener): Promise<Service> {
    const service = new Service(answer);
    await service.listen();
    return service;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/graphql`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function statesOf(url: string): Promise<Readonly<Record<string, string>>> {
  const readiness = new Readiness([{ name: 'products', url, signingSecret }], {});
  try {
    return await readiness.states();
  } finally {
    await readiness.close();
  }
}

test('a service of ours is asked for its readiness, by a gateway that says who it is, and no query', async () => {
  let reason: string | undefined = 'the store is away';
  await using service = await Service.start(({ method = '', url = '', headers }, response) => {
    const header = String(headers['numberyard-identity']);
    const verified = verifyCaller(signingSecret, { method, path: url, body: '', header, now: Date.now() });
    expect(verified).toEqual({ caller: { service: 'gateway' } });
    response.writeHead(reason === undefined ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: reason ?? 'ok' }));
  });
  expect((await statesOf(service.url))['products']).toContain('the store is away');
  expect(new Set(service.asked)).toEqual(new Set(['GET /health/ready']));
  reason = undefined;
  expect(await statesOf(service.url)).toEqual({ products: 'ok' });
});

test('a foreign server without such an address is asked the simplest query', async () => {
  await using service = await Service.start(({ method, url }, response) => {
    if (method === 'POST' && url === '/graphql')
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"data":{"__typename":"Query"}}');
    response.writeHead(404).end();
  });
  expect(await statesOf(service.url)).toEqual({ products: 'ok' });
  expect(service.asked).toEqual(['GET /health/ready', 'POST /graphql']);
});

test.each([
  ['a page for everything', 404, 'text/html', '<p>Not found', 'not JSON'],
  ['nulls for everything', 404, 'application/json', '{"data":null}', 'without saying why'],
])('a server with %s is not ready', async (_, status, type, body, reason) => {
  await using service = await Service.start(
    (_request, response) => void response.writeHead(status, { 'content-type': type }).end(body),
  );
  expect((await statesOf(service.url))['products']).toContain(reason);
});

test('what answers too late, or not at all, is not ready within three seconds', async () => {
  await using silent = await Service.start(() => undefined);
  const gone = await Service.start(() => undefined);
  await gone[Symbol.asyncDispose]();
  const readiness = new Readiness(
    [
      { name: 'silent', url: silent.url },
      { name: 'gone', url: gone.url },
    ],
    {
      keys: () => new Promise(() => undefined),
      others: () => Promise.reject(new Error('They are away.')),
    },
  );
  expect(await readiness.states()).toEqual({
    silent: 'It did not answer in 2000 ms.',
    gone: `connect ECONNREFUSED 127.0.0.1:${gone.port}`,
    keys: 'It did not answer in 2000 ms.',
    others: 'They are away.',
  });
  await readiness.close();
});

test('probes in quick succession cost one question, and what was learned is not believed for long', async () => {
  let status = 503;
  await using service = await Service.start((_request, response) => void response.writeHead(status).end());
  const readiness = new Readiness([{ name: 'products', url: service.url }], {});
  const [one, two] = await Promise.all([readiness.states(), readiness.states()]);
  expect(one).toBe(two);
  status = 200;
  await until(async () => (await readiness.states())['products'] === 'ok', 'it turns ready');
  await readiness.close();
});
