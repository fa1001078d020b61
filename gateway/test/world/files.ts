/** A subgraph that serves streams beside the graph, in this process or behind a port of its own. */
import { forbidden } from '@numberyard/kit/graph/errors';
import { Refused } from '@numberyard/kit/service/message';
import type { RouteAnswer, Route, RouteRequest, Routes } from '@numberyard/kit/service/routes';
import { startTestService } from '@numberyard/kit/testing/service';
import { GatewayWorld, type ChooseTransport } from './gateway-world.js';
import type { GatewayOptions } from '../../src/options.js';

export const secret = 'a secret that the files and their gateway share';
export const CHUNK = 'x'.repeat(50_000);

/** What the routes have seen. */
export class Files {
  made = 0;
  returned = 0;
  aborted = 0;
  received = 0;
  cut = 0;
  seen: Pick<RouteRequest, 'path' | 'headers' | 'requestId'> | undefined;

  readonly routes: Routes = new Map<string, Route>([
    ['/files/many', { method: 'GET', answer: async (request) => this.#many(request) }],
    ['/files/broken', { method: 'GET', answer: async () => streamed(breaking()) }],
    ['/files/fault', { method: 'GET', answer: () => Promise.reject(new TypeError('x is not a function')) }],
    ['/files/forbidden', { method: 'GET', answer: () => Promise.reject(forbidden('Not for you.')) }],
    [
      '/files/picky',
      { method: 'POST', answer: () => Promise.reject(new Refused(409, 'TAKEN', 'No.', { field: 'x' })) },
    ],
    ['/files/whole', { method: 'POST', answer: async (request) => this.#whole(request) }],
    ['/files/upload', { method: 'POST', answer: async (request) => this.#upload(request) }],
  ]);

  async #many({ signal, search }: RouteRequest): Promise<RouteAnswer> {
    signal.addEventListener('abort', () => (this.aborted += 1));
    const most = Number(search.get('most'));
    const count = () => {
      this.made += 1;
      return this.made <= most;
    };
    const left = () => (this.returned += 1);
    return streamed(
      (async function* () {
        try {
          while (count()) yield CHUNK;
        } finally {
          left();
        }
      })(),
    );
  }

  /** Answers once all of the body is there. */
  async #whole({ body }: RouteRequest): Promise<RouteAnswer> {
    for await (const chunk of body) this.received += chunk.length;
    return streamed(breaking());
  }

  async #upload({ path, headers, requestId, identity, body, search }: RouteRequest): Promise<RouteAnswer> {
    this.seen = { path, headers, requestId };
    const came = (size: number) => (this.received += size);
    const broke = () => (this.cut += 1);
    return streamed(
      (async function* () {
        yield `${identity.label} ${search.get('name')}\n`;
        let size = 0;
        try {
          for await (const chunk of body) {
            size += chunk.length;
            came(chunk.length);
          }
        } catch (error) {
          broke();
          throw error;
        }
        yield `whole ${size}\n`;
      })(),
    );
  }
}

function streamed(body: AsyncIterable<string>): RouteAnswer {
  return { headers: { 'content-type': 'text/plain', 'content-disposition': 'attachment', 'x-inner': '1' }, body };
}

async function* breaking(): AsyncGenerator<string> {
  yield 'the beginning\n';
  throw new Error('the end of it');
}

/** The products' subgraph serves the files. */
export function inProcess(files: Files): ChooseTransport {
  return async (subgraphs) => ({
    subgraphs: subgraphs.map((each) => (each.name === 'products' ? { ...each, routes: files.routes } : each)),
    stop: async () => undefined,
  });
}

export function overHttp(files: Files): ChooseTransport {
  return async (subgraphs) => {
    const [products, ...others] = subgraphs;
    if (products?.name !== 'products') throw new Error('the shop has changed');
    const service = await startTestService({ ...products, routes: files.routes }, secret);
    return {
      subgraphs: [{ name: 'products', url: `${service.url}/graphql`, signingSecret: secret }, ...others],
      stop: () => service.drain(),
    };
  };
}

export function openFiles(
  files: Files,
  transport: (files: Files) => ChooseTransport,
  options: Partial<GatewayOptions> = {},
): Promise<GatewayWorld> {
  return GatewayWorld.start({ routes: [{ prefix: '/files/', subgraph: 'products' }], ...options }, transport(files));
}
