/** The graph and the routes of services over a store of their own, with a hierarchy that is there already. */
import { imports } from '@numberyard/kit/files/import-collections';
import type { Identity } from '@numberyard/kit/identity/identity';
import { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import { createLogger } from '@numberyard/kit/logging/logger';
import { askRoute, type RouteAnswer } from '@numberyard/kit/service/routes';
import { asRead, save, type Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { graphql } from 'graphql';
import type { CommandContext } from '../../src/commands/context.js';
import { collections } from '../../src/models/collections.js';
import { numberServices } from '../../src/models/number-services.js';
import { createContext } from '../../src/resolvers/context.js';
import { createSchema } from '../../src/resolvers/schema.js';
import { createRoutes } from '../../src/routes/routes.js';

const NODES = {
  provider: ['PROVIDER', 'provider'],
  reseller: ['RESELLER', 'provider.reseller'],
  acme: ['CUSTOMER', 'provider.reseller.acme'],
  region: ['INTERMEDIATE', 'provider.reseller.acme.region'],
  berlin: ['SITE', 'provider.reseller.acme.region.berlin'],
  munich: ['SITE', 'provider.reseller.acme.munich'],
  closed: ['SITE', 'provider.reseller.acme.closed'],
  zeta: ['CUSTOMER', 'provider.reseller.zeta'],
  oslo: ['SITE', 'provider.reseller.zeta.oslo'],
} as const;
export type NodeName = keyof typeof NODES;

export interface Answer {
  readonly data: Record<string, unknown> | null;
  /** Code and field of the first error. */
  readonly error: string | undefined;
}

export interface Upload {
  readonly type?: string;
  readonly key?: string | undefined;
  readonly body: string | Uint8Array | readonly (string | Uint8Array | Error)[];
}

export type Desk = Awaited<ReturnType<typeof openDesk>>;

export async function openDesk(options: { readonly hostile?: number } = {}) {
  const clock = new TestClock(Date.parse('2026-03-01T00:00:00.000Z'));
  const { store, close } = await openTestStore({ name: 'audit', collections, clock, ...options });
  await store.commit({
    save: Object.entries(NODES).map(([id, [type, path]]) =>
      save(mirroredNodes, { id, version: 0, type, path, name: id, retired: id === 'closed' }),
    ),
  });
  let reached = 0;
  const owner = {
    reach: async () => {
      reached += 1;
      return true;
    },
  };
  const commands = commandContext(store, clock, new Hierarchy(store, owner));
  const schema = createSchema();
  const routes = createRoutes(commands);

  async function ask(source: string, variables: object = {}, as: Identity = identity('reseller')): Promise<Answer> {
    const contextValue = createContext({ identity: as, requestId: 'r' }, commands);
    const { data, errors } = await graphql({ schema, source, contextValue, variableValues: { ...variables } });
    const { code, field } = errors?.[0]?.extensions ?? {};
    if (errors && code === undefined) throw errors[0] as Error;
    const error = errors && [code, field].filter((each) => each !== undefined).join(' ');
    return { data: data ? (JSON.parse(JSON.stringify(data)) as Record<string, unknown>) : null, error };
  }

  function upload(search: string, { type = 'text/csv', key, body }: Upload, as: Identity = identity('reseller')) {
    const pieces = typeof body === 'string' || body instanceof Uint8Array ? [body] : body;
    return askRoute(routes, 'POST', {
      path: '/import/number-services',
      search: new URLSearchParams(search),
      headers: { 'content-type': type, ...(key !== undefined && { 'idempotency-key': key }) },
      identity: as,
      requestId: 'r',
      body: (async function* () {
        for (const piece of pieces) {
          if (piece instanceof Error) throw piece;
          yield Buffer.from(piece);
        }
      })(),
      signal: new AbortController().signal,
    });
  }

  /** Forget all services and imports; the nodes are as at first. */
  async function clear(): Promise<void> {
    const all = { limit: 1_000 } as const;
    const services = await store.find(numberServices, { key: 'byNodeName', equals: ['provider'], ...all });
    const kept = await store.find(imports, { key: 'byAge', ...all });
    const closed = await store.find(mirroredNodes, { key: 'byPath', where: { retired: true }, ...all });
    await store.commit({
      remove: [
        ...services.items.map((service) => asRead(numberServices, service)),
        ...kept.items.map((each) => asRead(imports, each)),
      ],
      save: closed.items.flatMap((node) =>
        node.id === 'closed' ? [] : [save(mirroredNodes, { ...node, retired: false })],
      ),
    });
    reached = 0;
  }

  return { store, clock, ask, upload, clear, close, reached: () => reached };
}

function commandContext(store: Store, clock: TestClock, hierarchy: Hierarchy): CommandContext {
  const elsewhere = () => Promise.reject(new Error('services ask no other subgraph'));
  return {
    store,
    clock,
    logger: createLogger('silent'),
    hierarchy,
    numberInventory: { auditedNode: elsewhere, auditedNumbers: elsewhere, correctNumbers: elsewhere },
    connections: { numberUses: elsewhere, lastSyncs: elsewhere },
    bells: { runQueued: () => undefined, scheduleChanged: () => undefined },
  };
}

export function identity(node: NodeName, role = 'RESELLER_ADMIN'): Identity {
  return { id: `key-${node}-${role}`, label: 'test', role, rights: [], node, path: NODES[node][1] };
}

/** All of an answer. */
export async function textOf({ body }: RouteAnswer): Promise<string> {
  let text = '';
  for await (const chunk of body) text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
  return text;
}
