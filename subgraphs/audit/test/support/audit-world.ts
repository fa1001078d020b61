/** The subgraph on a store of its own, beside a store that plays the log of the hierarchy's owner and stand-ins for what it asks the owners. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import type { Identity } from '@numberyard/kit/identity/identity';
import { createLogger } from '@numberyard/kit/logging/logger';
import { save, type Save, type Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { event, type HierarchyNodeFields } from '@numberyard/schema/events';
import { graphql, parse, subscribe, type ExecutionResult } from 'graphql';
import type { AuditRun } from '../../src/domain/audit-run.js';
import type { Finding } from '../../src/domain/finding.js';
import { collections, createAudit } from '../../src/main.js';
import { auditRuns } from '../../src/models/audit-runs.js';
import { findings, lastFindings } from '../../src/models/findings.js';

type NodeId = 'p' | 'acme' | 'berlin' | 'paris' | 'zeta' | 'coded';

export const NODES: Readonly<Record<NodeId, HierarchyNodeFields>> = {
  p: node('p', 'PROVIDER', 'p'),
  acme: node('acme', 'CUSTOMER', 'p.acme'),
  berlin: node('berlin', 'SITE', 'p.acme.berlin'),
  paris: node('paris', 'SITE', 'p.acme.paris'),
  zeta: node('zeta', 'CUSTOMER', 'p.zeta'),
  coded: { ...node('coded', 'CUSTOMER', 'p.coded'), dialPlan: 'SITE_LOCATION_CODES' },
};

function node(id: NodeId, type: HierarchyNodeFields['type'], path: string): HierarchyNodeFields {
  const isCustomer = type === 'CUSTOMER';
  const customer = { numberManagement: isCustomer ? true : null, ...(isCustomer && { dialPlan: 'FLAT' as const }) };
  return { id, type, path, name: id, ...customer, retired: false };
}

export function caller(at: NodeId, role = 'RESELLER_ADMIN'): Identity {
  return { id: `key-${role}-${at}`, label: `${role} of ${at}`, role, rights: [], node: at, path: NODES[at].path };
}

export interface Answer {
  /** As JSON. */
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly codes: readonly unknown[];
}

export interface AuditWorld {
  readonly subgraph: Subgraph;
  readonly store: Store;
  /** Of the hierarchy's owner. */
  readonly owner: Store;
  /** Make nodes known as their owner's log tells of them. */
  announce(...ids: readonly NodeId[]): Promise<unknown>;
  /** Nodes are known without a follower. */
  know(...ids: readonly NodeId[]): Promise<unknown>;
  ask(source: string, identity?: Identity, variables?: Readonly<Record<string, unknown>>): Promise<Answer>;
  live(
    source: string,
    identity?: Identity,
    variables?: Readonly<Record<string, unknown>>,
  ): Promise<AsyncGenerator<ExecutionResult, void, void>>;
  /** A node has changed at its owner. */
  change(id: NodeId, since: Partial<HierarchyNodeFields>): void;
  /** Keep a run as if it had been made. */
  keep(id: string, customer: NodeId, more?: Partial<AuditRun>): Promise<AuditRun>;
  /** Keep findings of it. */
  find(run: AuditRun, ...wanted: readonly Partial<Finding>[]): Promise<unknown>;
  commit(...saves: readonly Save[]): Promise<unknown>;
  close(): Promise<void>;
}

export async function openAudit({ clock = systemClock }: { readonly clock?: Clock } = {}): Promise<AuditWorld> {
  const owner = await openTestStore({ name: 'owner', collections: [] });
  const own = await openTestStore({ name: 'audit', collections, clock, exclusive: true });
  const { store } = own;
  const nothing = async () => ({ items: [] });
  const changes = new Map<string, Partial<HierarchyNodeFields>>();
  const subgraph = createAudit({
    store,
    clock,
    logger: createLogger('silent'),
    numberInventory: {
      log: owner.store.log,
      internal: {
        verifyKey: async () => undefined,
        nodes: nothing,
        effectiveMacro: async () => undefined,
        auditedNode: async (id) =>
          id in NODES ? { node: { ...NODES[id as NodeId], ...changes.get(id) }, numbers: 0 } : undefined,
        auditedNumbers: nothing,
        correctNumbers: async () => ({ state: 'DONE', corrections: [] }),
      },
    },
    connections: { internal: { numberUses: nothing, numberUsesOf: async () => [], lastSyncs: async () => [] } },
  });
  const argumentsOf = (identity: Identity, variableValues: Readonly<Record<string, unknown>>) => ({
    schema: subgraph.schema,
    variableValues,
    contextValue: subgraph.context({ identity, requestId: 'r' }),
  });
  const commit = async (...saves: readonly Save[]) => {
    const result = await store.commit({ save: saves });
    if (!result.ok) throw new Error(JSON.stringify(result.conflicts));
  };
  return {
    subgraph,
    store,
    owner: owner.store,
    commit,
    change: (id, since) => void changes.set(id, since),
    announce: (...ids) =>
      owner.store.commit({
        events: ids.map((id) =>
          event('HierarchyNodeCreated', NODES[id], {
            retention: 'history',
            entity: `HierarchyNode:${id}`,
            path: NODES[id].path,
            actor: { type: 'WORKER', id: 'test' },
            time: '2026-01-01T00:00:00.000Z',
          }),
        ),
      }),
    know(...ids) {
      const known = ids.map((id) => {
        const { type, name, path, retired } = NODES[id];
        return { id, version: 0, type, name, path, retired };
      });
      return commit(...known.map((each) => save(mirroredNodes, each)));
    },
    async ask(source, identity = caller('p'), variables = {}) {
      const { data, errors } = await graphql({ ...argumentsOf(identity, variables), source });
      const codes = (errors ?? []).map(({ extensions, message }) => extensions['code'] ?? message);
      return { data: JSON.parse(JSON.stringify(data ?? null)) as Answer['data'], codes };
    },
    async live(source, identity = caller('p'), variables = {}) {
      const result = await subscribe({ ...argumentsOf(identity, variables), document: parse(source) });
      if ('errors' in result) throw result.errors?.[0] ?? new Error('refused');
      return result as AsyncGenerator<ExecutionResult, void, void>;
    },
    async keep(id, customer, more = {}) {
      const run = { ...runOf(id, NODES[customer].path), ...more };
      await commit(save(auditRuns, run));
      return run;
    },
    async find(run, ...wanted) {
      const found = wanted.map((each, index) => ({ ...findingOf(run, index + 1), ...each }));
      const last = new Map(found.flatMap(({ id, numberId }) => (numberId === undefined ? [] : [[numberId, id]])));
      const known = await store.getMany(lastFindings, [...last.keys()]);
      const saves = [...last].map(([id, finding], index) =>
        save(lastFindings, { id, version: known[index]?.version ?? 0, finding }),
      );
      return commit(...found.map((finding) => save(findings, finding)), ...saves);
    },
    async close() {
      await subgraph.drain();
      await owner.close();
      await own.close();
    },
  };
}

function runOf(id: string, path: string): AuditRun {
  const ancestors = path.split('.');
  return {
    id,
    version: 0,
    customer: ancestors.at(-1) ?? '',
    path,
    ancestors,
    level: 'CUSTOMER',
    dryRun: true,
    trigger: 'MANUAL',
    state: 'SUCCEEDED',
    phase: 'NUMBERS',
    compared: 0,
    counts: { created: 0, updated: 0, unchanged: 0, skipped: 0, conflicts: 0 },
    findings: 0,
    findingCounts: [],
    batch: 0,
    sources: [],
    startedBy: 'test',
    attempts: 1,
    queuedAt: '2026-02-01T00:00:00.000Z',
  };
}

function findingOf({ id: run, customer, path }: AuditRun, seq: number): Finding {
  return {
    id: `${run}.${seq}`,
    version: 0,
    run,
    seq,
    customer,
    path,
    kind: 'MARKED_USED',
    outcome: 'PROPOSED',
    cause: 'A phone uses it.',
    time: '2026-02-01T00:00:00.000Z',
  };
}
