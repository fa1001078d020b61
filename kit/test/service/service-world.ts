/** A service around a small schema, and callers that sign. */
import { GraphQLError, GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import type { Identity } from '@numberyard/kit/identity/identity';
import { openStream } from '@numberyard/kit/log/stream';
import { createLogger } from '@numberyard/kit/logging/logger';
import { bindEndpoints, InputError, wholeNumber, type Endpoints } from '@numberyard/kit/service/endpoints';
import type { ServiceLimits } from '@numberyard/kit/service/limits';
import { startService, type Service } from '@numberyard/kit/service/server';
import { ServiceClient } from '@numberyard/kit/service/service-client';
import { IDENTITY_HEADER, signCaller, type Caller } from '@numberyard/kit/service/signature';
import { StoreError, type Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { FollowerPositions } from '@numberyard/kit/workers/follower-positions';

export const secret = 'a secret that only the services of one installation hold';
export const logger = createLogger('silent');
export const asService: Caller = { service: 'gateway' };
export const identity: Identity = { id: 'k1', label: 'Ünal', role: 'ADMIN', rights: [], node: 'n1', path: 'p.n1' };
export const asCaller: Caller = { identity };

/** What the service offers others. */
export interface Sums {
  double(number: number): Promise<number>;
  nothing(): Promise<string | undefined>;
  away(): Promise<string>;
}

export const sumsEndpoints: Endpoints<Sums> = {
  double: {
    name: 'double',
    write: (number) => ({ number }),
    read: (body) => [wholeNumber(body, 'number', 0, 100)],
    result(answer) {
      if (typeof answer !== 'number') throw new InputError('the answer', 'is no number');
      return answer;
    },
  },
  nothing: {
    name: 'nothing',
    write: () => ({}),
    read: () => [],
    result: (answer) => (answer === null ? undefined : String(answer)),
  },
  away: { name: 'away', write: () => ({}), read: () => [], result: String },
};

const sums: Sums = {
  double: async (number) => 2 * number,
  nothing: async () => undefined,
  away: async () => {
    throw new StoreError('UNAVAILABLE', 'The database is away.');
  },
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: {
    data?: Record<string, unknown>;
    errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  };
}

export interface CallOptions {
  readonly method?: string;
  readonly caller?: Caller | undefined;
  readonly body?: string;
  /** What is signed, where it is another than what is sent; `skew` in milliseconds from now. */
  readonly signed?: { method?: string; path?: string; body?: string; skew?: number; secret?: string };
  readonly headers?: Record<string, string>;
}

export interface World {
  readonly service: Service;
  readonly store: Store;
  /** Resolves the field `slow`. */
  readonly release: () => void;
  /** What is going on. */
  readonly seen: { slow: number; listening: number };
  /** Holds the reason why it is not ready, if any, and whether the log's database is away. */
  readonly state: { problem?: string; away?: boolean };
  call(path: string, options?: CallOptions): Promise<Answer>;
  client(caller?: string): ServiceClient;
  /** Append events of a type. */
  append(type: string, count?: number, fields?: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(options: { limits?: Partial<ServiceLimits>; serving?: boolean } = {}): Promise<World> {
  const { store, close } = await openTestStore({ name: 'sums', collections: workerCollections });
  let release = (): void => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  const state: World['state'] = {};
  const seen = { slow: 0, listening: 0 };
  const service = await startService({
    name: 'sums',
    host: '127.0.0.1',
    port: 0,
    secret,
    clock: systemClock,
    logger,
    async readiness() {
      if (state.problem !== undefined) throw new Error(state.problem);
    },
    ...(options.limits && { limits: options.limits }),
  });
  const schema = schemaOf(store, () => {
    seen.slow += 1;
    return slow;
  });
  const positions = new FollowerPositions({ store, clock: systemClock, logger, followers: ['other'] });
  if (options.serving !== false) {
    service.serve({
      subgraph: { name: 'sums', schema, context: (request) => request },
      log: {
        ...positions.log,
        state: async () => (state.away ? away() : positions.log.state()),
        onAppend(listener) {
          seen.listening += 1;
          const silence = positions.log.onAppend(listener);
          return () => {
            seen.listening -= 1;
            silence();
          };
        },
      },
      internal: bindEndpoints(sumsEndpoints, sums),
    });
  }
  const clients: ServiceClient[] = [];
  return {
    service,
    store,
    release: () => release(),
    seen,
    state,
    call: (path, call) => send(service.url, path, call),
    client(caller = 'other') {
      const made = new ServiceClient({ service: 'sums', url: service.url, caller, secret, clock: systemClock });
      clients.push(made);
      return made;
    },
    async append(type, count = 1, fields = {}) {
      const event = { type, retention: 'passing' as const, entity: 'thing:1', path: 'root', fields };
      const told = { ...event, actor: { type: 'WORKER' as const, id: 'test' }, time: '2026-01-01T00:00:00.000Z' };
      await store.commit({ events: Array.from({ length: count }, () => told) });
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      await service.drain();
      await close();
    },
  };
}

async function send(url: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { method = 'GET', body, signed = {} } = options;
  const caller = 'caller' in options ? options.caller : asService;
  const header = caller && {
    [IDENTITY_HEADER]: signCaller(signed.secret ?? secret, {
      method: signed.method ?? method,
      path: signed.path ?? path,
      body: signed.body ?? body ?? '',
      caller,
      now: Date.now() + (signed.skew ?? 0),
    }),
  };
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...header, ...options.headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json: json as Answer['json'] };
}

function schemaOf(store: Store, slow: () => Promise<void>): GraphQLSchema {
  const text = { type: GraphQLString };
  return new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        who: { ...text, resolve: (_root, _args, context: RequestContext) => context.identity.label },
        request: { ...text, resolve: (_root, _args, context: RequestContext) => context.requestId },
        echo: {
          ...text,
          args: { number: { type: new GraphQLNonNull(GraphQLInt) } },
          resolve: (_root, args: { number: number }) => String(args.number),
        },
        slow: { ...text, resolve: () => slow().then(() => 'done') },
        refused: {
          ...text,
          resolve: () => {
            throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN', field: 'x' } });
          },
        },
        broken: {
          ...text,
          resolve: () => {
            throw new TypeError('x is not a function');
          },
        },
        away: { ...text, resolve: away },
      },
    }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: { away: { ...text, resolve: away } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        told: {
          type: GraphQLInt,
          args: { after: text },
          subscribe: (_root, { after }: { after?: string }) =>
            openStream({
              log: store.log,
              clock: systemClock,
              types: ['Told'],
              retentions: ['passing'],
              after: after ?? null,
            }),
          resolve: ({ event }: { event: { position: number; fields: { broken?: boolean } } }) => {
            if (event.fields.broken) throw new TypeError('x is not a function');
            return event.position;
          },
        },
        refused: {
          type: GraphQLInt,
          subscribe: () => {
            throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN' } });
          },
        },
        breaking: {
          type: GraphQLInt,
          subscribe: async function* () {
            yield { breaking: 1 };
            throw new GraphQLError('Gone.', { extensions: { code: 'CURSOR_EXPIRED' } });
          },
        },
      },
    }),
  });
}

function away(): never {
  throw new StoreError('UNAVAILABLE', 'no primary at mongodb.internal');
}
