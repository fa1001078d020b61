import { systemClock } from '@numberyard/kit/clock/system-clock';
import { createLogger } from '@numberyard/kit/logging/logger';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { event } from '@numberyard/schema/events';
import type { HierarchyNodeFields } from '@numberyard/schema/events';
import { graphql } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import type { AuditRun } from '../src/domain/audit-run.js';
import { collections, createAudit } from '../src/main.js';
import { auditRuns } from '../src/models/audit-runs.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const nodes: Record<string, HierarchyNodeFields> = {
  p: node('p', 'PROVIDER', 'p'),
  acme: node('acme', 'CUSTOMER', 'p.acme'),
  zeta: node('zeta', 'CUSTOMER', 'p.zeta'),
};

function node(id: string, type: HierarchyNodeFields['type'], path: string): HierarchyNodeFields {
  return { id, type, path, name: id, numberManagement: null, retired: false };
}

function caller(id: keyof typeof nodes, role = 'RESELLER_ADMIN'): Identity {
  return { id: `key-${id}`, label: 'test', role, rights: [], node: id, path: nodes[id]?.path ?? '' };
}

/** What the questions of these tests are answered; `null` after an error. */
type Answer = {
  readonly auditRuns?: {
    readonly edges: readonly { readonly node: { readonly id?: string; readonly name?: string } }[];
    readonly pageInfo?: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
  readonly auditRun?: object | null;
  readonly _entities?: readonly unknown[];
} | null;

/** The subgraph beside a store that plays the log of the hierarchy's owner. */
async function setUp() {
  const owner = await openTestStore({ name: 'owner', collections: [] });
  const own = await openTestStore({ name: 'audit', collections });
  const internal = { verifyKey: async () => undefined, nodes: async () => ({ items: [] }) };
  const subgraph = createAudit({
    store: own.store,
    clock: systemClock,
    logger: createLogger('silent'),
    numberInventory: { log: owner.store.log, internal },
  });
  closers.push(owner.close, own.close, () => subgraph.drain());
  const announce = (...fields: HierarchyNodeFields[]) =>
    owner.store.commit({
      events: fields.map((field) =>
        event('HierarchyNodeCreated', field, {
          retention: 'history',
          entity: `HierarchyNode:${field.id}`,
          path: field.path,
          actor: { type: 'WORKER', id: 'test' },
          time: '2026-01-01T00:00:00.000Z',
        }),
      ),
    });
  const ask = async (source: string, identity: Identity) => {
    const contextValue = subgraph.context({ identity, requestId: 'r' });
    const { data, errors } = await graphql({ schema: subgraph.schema, source, contextValue });
    return { data: JSON.parse(JSON.stringify(data ?? null)) as Answer, code: errors?.[0]?.extensions['code'] };
  };
  const add = (id: string, path: string, queuedAt = '2026-02-01T00:00:00.000Z') => {
    const ancestors = path.split('.');
    const run: AuditRun = {
      id,
      version: 0,
      customer: ancestors.at(-1) ?? '',
      ancestors,
      level: 'CUSTOMER',
      dryRun: true,
      state: 'QUEUED',
      queuedAt,
    };
    return own.store.commit({ save: [save(auditRuns, run)] });
  };
  return { subgraph, store: own.store, announce, ask, add };
}

const LIST = `{ auditRuns { edges { node { id level dryRun state startedAt finishedAt customer { id } } } pageInfo { hasNextPage } } }`;

describe('audit', () => {
  it('answers an empty list while there are no runs', async () => {
    const { ask } = await setUp();
    expect(await ask(LIST, caller('p'))).toEqual({
      data: { auditRuns: { edges: [], pageInfo: { hasNextPage: false } } },
      code: undefined,
    });
  });

  it('lists and shows a stored run to whoever is at its customer or above, and not to a sibling', async () => {
    const { ask, add } = await setUp();
    await add('r1', 'p.acme');
    const node = {
      id: 'r1',
      level: 'CUSTOMER',
      dryRun: true,
      state: 'QUEUED',
      startedAt: null,
      finishedAt: null,
      customer: { id: 'acme' },
    };
    const one = `{ auditRun(id: "r1") { id } }`;
    for (const above of ['p', 'acme'] as const) {
      expect((await ask(LIST, caller(above))).data?.auditRuns?.edges).toEqual([{ node }]);
      expect((await ask(one, caller(above))).data?.auditRun).toEqual({ id: 'r1' });
    }
    expect((await ask(LIST, caller('zeta'))).data?.auditRuns?.edges).toEqual([]);
    expect((await ask(one, caller('zeta'))).data?.auditRun).toBeNull();
  });

  it('pages newest first, each run once', async () => {
    const { ask, add } = await setUp();
    for (const day of ['02', '01', '03']) await add(`r-${day}`, 'p.acme', `2026-02-${day}T00:00:00.000Z`);
    const ids: unknown[] = [];
    let after = '';
    do {
      const { data } = await ask(
        `{ auditRuns(first: 2${after}) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
        caller('p'),
      );
      const page = data?.auditRuns;
      ids.push(...(page?.edges ?? []).map((edge) => edge.node.id));
      after = page?.pageInfo?.hasNextPage ? `, after: "${page.pageInfo.endCursor}"` : '';
    } while (after);
    expect(ids).toEqual(['r-03', 'r-02', 'r-01']);
  });

  it('finds a node made a moment ago by catching up with its owner', async () => {
    const { subgraph, ask, add, announce } = await setUp();
    await subgraph.start();
    await add('r1', 'p.acme');
    await announce(nodes.p!, nodes.acme!);
    const { data } = await ask(`{ auditRuns(customer: "acme") { edges { node { id } } } }`, caller('p'));
    expect(data?.auditRuns?.edges).toEqual([{ node: { id: 'r1' } }]);
  });

  it('refuses a node beside the caller, one above it and an unknown one with the same code', async () => {
    const { subgraph, ask, announce } = await setUp();
    await subgraph.start();
    await announce(nodes.p!, nodes.acme!, nodes.zeta!);
    for (const customer of ['zeta', 'p', 'nowhere']) {
      const answer = await ask(`{ auditRuns(customer: "${customer}") { edges { cursor } } }`, caller('acme'));
      expect(answer).toEqual({ data: null, code: 'BAD_USER_INPUT' });
    }
  });

  it('refuses a partner key, which may read numbers only', async () => {
    const { ask } = await setUp();
    expect((await ask(LIST, caller('p', 'PARTNER'))).code).toBe('FORBIDDEN');
  });

  it('refuses a page cursor that is none of this list', async () => {
    const { ask } = await setUp();
    for (const after of ['nonsense', Buffer.from('["only one"]').toString('base64url')]) {
      const answer = await ask(`{ auditRuns(after: "${after}") { edges { cursor } } }`, caller('p'));
      expect(answer.code).toBe('BAD_USER_INPUT');
    }
  });

  it('resolves references in one read, and none to what the caller does not see', async () => {
    const { ask, add, store } = await setUp();
    await add('r1', 'p.acme');
    await add('r2', 'p.zeta');
    const getMany = store.getMany.bind(store);
    let reads = 0;
    store.getMany = (collection, ids) => {
      reads += 1;
      return getMany(collection, ids);
    };
    const references = ['r1', 'r2', 'r3'].map((id) => `{ __typename: "AuditRun", id: "${id}" }`).join(' ');
    const { data } = await ask(
      `{ _entities(representations: [${references}]) { ... on AuditRun { id } } }`,
      caller('acme'),
    );
    expect(data?._entities).toEqual([{ id: 'r1' }, null, null]);
    expect(reads).toBe(1);
  });

  it('is healthy while its store answers, and says what is wrong once it is closed', async () => {
    const { subgraph, store } = await setUp();
    await subgraph.start();
    await subgraph.health();
    await store.close();
    await expect(subgraph.health()).rejects.toThrow(/closed/i);
  });

  it('is unhealthy while the hierarchy cannot be followed', async () => {
    const own = await openTestStore({ name: 'audit', collections });
    const owner = await openTestStore({ name: 'owner', collections: [] });
    const { log } = owner.store;
    log.state = () => Promise.reject(new Error('unreachable'));
    const internal = { verifyKey: async () => undefined, nodes: async () => ({ items: [] }) };
    const subgraph = createAudit({
      store: own.store,
      clock: systemClock,
      logger: createLogger('silent'),
      numberInventory: { log, internal },
    });
    closers.push(owner.close, own.close, () => subgraph.drain());
    await subgraph.start();
    const problem = await waitUntil('the health to turn', () =>
      subgraph.health().then(
        () => undefined,
        (error: unknown) => String(error),
      ),
    );
    expect(problem).toContain('the follower of number-inventory is failing: unreachable');
  });
});
