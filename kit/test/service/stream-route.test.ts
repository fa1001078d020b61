import { frames } from '@numberyard/kit/service/frames';
import type { Route, RouteRequest } from '@numberyard/kit/service/routes';
import { signCaller, STREAM_HEADER, streamHead, type Caller } from '@numberyard/kit/service/signature';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Service } from '../../src/service/server.js';
import { startTestService } from '../../src/testing/service.js';

const secret = 'a secret that only the services of one installation hold';
const asCaller: Caller = {
  identity: { id: 'k1', label: 'Ünal', role: 'ADMIN', rights: [], node: 'n1', path: 'p.n1' },
};
const headers = { 'content-type': 'text/csv', 'idempotency-key': 'k' };

let service: Service;
/** What a route believed. */
let taken = '';

const take: Route = {
  method: 'POST',
  async answer({ body, identity, search }: RouteRequest) {
    for await (const chunk of body) taken += Buffer.from(chunk).toString();
    return {
      headers: { 'content-type': 'text/plain' },
      body: (async function* () {
        yield `${identity.label} ${search.get('name')} ${taken}`;
      })(),
    };
  },
};

beforeAll(async () => {
  const query = new GraphQLObjectType({ name: 'Query', fields: { nothing: { type: GraphQLString } } });
  const schema = new GraphQLSchema({ query });
  const routes = new Map([['/files/take', take]]);
  service = await startTestService({ name: 'files', schema, context: (request) => request, routes }, secret);
});

afterAll(() => service?.drain());
beforeEach(() => void (taken = ''));

interface Change {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly caller?: Caller;
  readonly skew?: number;
  readonly altered?: (raw: Buffer) => Buffer;
}

/** Signed for `/files/take?name=x` with the headers above, and sent as `change` says. */
async function send(change: Change = {}): Promise<{ status: number; text: string }> {
  const { caller = asCaller, skew = 0, altered = (raw) => raw } = change;
  const signed = streamHead({ method: 'POST', path: '/files/take?name=x', headers: { accept: '*/*', ...headers } });
  const head = signCaller(secret, { ...signed, caller, now: Date.now() + skew });
  const pieces: Buffer[] = [];
  const body = (async function* () {
    yield Buffer.from('one');
    yield Buffer.from('two');
  })();
  for await (const frame of frames(body, secret, head)) pieces.push(frame);
  const response = await fetch(`${service.url}${change.path ?? '/files/take?name=x'}`, {
    method: 'POST',
    headers: { ...headers, ...change.headers, [STREAM_HEADER]: head },
    body: new Uint8Array(altered(Buffer.concat(pieces))),
  });
  return { status: response.status, text: await response.text() };
}

it('a streamed request is answered as its signed caller', async () => {
  expect(await send()).toEqual({ status: 200, text: 'Ünal x onetwo' });
});

it.each<[string, Change]>([
  ['another query', { path: '/files/take?name=y' }],
  ['another header', { headers: { 'idempotency-key': 'other' } }],
  ['a time long ago', { skew: -120_000 }],
])('one with %s than was signed is refused before anything of it is read', async (_, change) => {
  expect((await send(change)).status).toBe(401);
  expect(taken).toBe('');
});

it('one whose body was altered is refused, and nothing unproven was acted upon', async () => {
  const second = (raw: Buffer) => Buffer.concat([raw.subarray(0, 39 + 36), Buffer.from('TWO'), raw.subarray(39 + 39)]);
  expect((await send({ altered: second })).status).toBe(401);
  expect(taken).toBe('one');
  expect((await send({ altered: (raw) => raw.subarray(0, -36) })).status).toBe(400);
});

it('a service has no business there, and nobody without a signature', async () => {
  expect((await send({ caller: { service: 'gateway' } })).status).toBe(403);
  expect((await fetch(`${service.url}/files/take`, { method: 'POST', body: 'x' })).status).toBe(401);
  expect(taken).toBe('');
});
