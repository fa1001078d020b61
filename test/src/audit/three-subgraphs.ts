/** Connections, number inventory and audit with their real stores and workers, wired as in one process, so that something can happen at every point of an audit. */
import { collections as auditCollections, createAudit } from '@numberyard/audit/main';
import type { AudioCodesConnection } from '@numberyard/connections/domain/connection';
import { mirrored, refOf } from '@numberyard/connections/domain/registered-user';
import { connectionsInternal } from '@numberyard/connections/internal';
import { collections as connectionsCollections } from '@numberyard/connections/main';
import { connections as connectionDocs } from '@numberyard/connections/models/connections';
import { registeredUsers } from '@numberyard/connections/models/registered-users';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { newId } from '@numberyard/kit/crypto/id';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import type { Identity } from '@numberyard/kit/identity/identity';
import { createLogger } from '@numberyard/kit/logging/logger';
import { asRead, save, type Commit, type Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { cursors } from '@numberyard/kit/workers/collections';
import { collections as numberCollections, createNumberInventory } from '@numberyard/number-inventory/main';
import { entity, event, type RegisteredUserChange } from '@numberyard/schema/events';
import { execute, parse } from 'graphql';
import { SINCE, type Place } from './documents.js';
import { watchedStore } from './watched-store.js';

/** Where an audit can be overtaken, in the order it gets there. */
export const POINTS = [
  'before the numbers are listed',
  'after the numbers are listed',
  'before the uses are listed',
  'after the uses are listed',
  'before the differences are handed over',
  'before their uses are read again',
  'after their uses are read again',
  'before the corrections are committed',
  'after the corrections are committed',
  'after the corrections are answered',
  'before the findings are committed',
] as const;
export type Point = (typeof POINTS)[number];

/** A device takes, changes or gives up its number. */
export interface Move {
  readonly device: string;
  readonly before?: string;
  readonly after?: string;
}

/** A customer with a site, and a connection at the site. */
export interface Audited {
  readonly customer: Place;
  readonly site: Place;
  readonly connection: AudioCodesConnection;
}

export interface ThreeSubgraphs {
  newCustomer(): Promise<Audited>;
  readonly stores: Readonly<Record<'connections' | 'numbers' | 'audit', Store>>;
  /** Do something the first time an audit gets to a point. */
  once(point: Point, act: () => Promise<void>): void;
  /** Whether nothing waits for its point any more. */
  readonly overtaken: boolean;
  /** What a sync does with what it finds out: mirror and event in one commit. */
  move(connection: AudioCodesConnection, moves: readonly Move[]): Promise<void>;
  /** Resolves when the inventory has followed all there is. */
  followed(): Promise<void>;
  /** The only root field of an operation of a provider administrator. */
  ask<T>(subgraph: 'numbers' | 'audit', query: string, variables?: Record<string, unknown>): Promise<T>;
  close(): Promise<void>;
}

export async function openThreeSubgraphs(): Promise<ThreeSubgraphs> {
  const opened = {
    connections: await openTestStore({ name: 'connections', collections: connectionsCollections }),
    numbers: await openTestStore({ name: 'number-inventory', collections: numberCollections }),
    audit: await openTestStore({ name: 'audit', collections: auditCollections }),
  };
  const stores = {
    connections: opened.connections.store,
    numbers: opened.numbers.store,
    audit: opened.audit.store,
  };
  const acts = new Map<Point, () => Promise<void>>();
  const reach = async (point: Point) => {
    const act = acts.get(point);
    acts.delete(point);
    await act?.();
  };
  /** A function that is overtaken before it begins and before its answer is heard. */
  const between =
    <Arguments extends readonly unknown[], Answer>(
      before: Point | undefined,
      after: Point | undefined,
      call: (...given: Arguments) => Promise<Answer>,
    ) =>
    async (...given: Arguments): Promise<Answer> => {
      if (before) await reach(before);
      const answer = await call(...given);
      if (after) await reach(after);
      return answer;
    };
  const shared = { clock: systemClock, logger: createLogger('silent') };
  const uses = connectionsInternal(stores.connections);
  const isCorrection = ({ events = [] }: Commit) => events.some(({ cause }) => cause?.startsWith('audit:'));
  const inventory = createNumberInventory({
    ...shared,
    store: watchedStore(stores.numbers, {
      before: async (commit) => (isCorrection(commit) ? reach('before the corrections are committed') : undefined),
      after: async (commit) => (isCorrection(commit) ? reach('after the corrections are committed') : undefined),
    }),
    connections: {
      log: stores.connections.log,
      internal: {
        ...uses,
        numberUsesOf: between(
          'before their uses are read again',
          'after their uses are read again',
          uses.numberUsesOf.bind(uses),
        ),
      },
    },
  });
  const { internal } = inventory;
  const audit = createAudit({
    ...shared,
    store: watchedStore(stores.audit, {
      before: async ({ save: saves = [] }) =>
        saves.some(({ collection }) => collection === 'findings')
          ? reach('before the findings are committed')
          : undefined,
    }),
    numberInventory: {
      log: stores.numbers.log,
      internal: {
        ...internal,
        auditedNumbers: between(
          'before the numbers are listed',
          'after the numbers are listed',
          internal.auditedNumbers.bind(internal),
        ),
        correctNumbers: between(
          'before the differences are handed over',
          'after the corrections are answered',
          internal.correctNumbers.bind(internal),
        ),
      },
    },
    connections: {
      internal: {
        ...uses,
        numberUses: between('before the uses are listed', 'after the uses are listed', uses.numberUses.bind(uses)),
      },
    },
  });
  const { provider } = await inventory.bootstrap({ providerName: 'Provider' });
  const identity: Identity = {
    id: 'root',
    label: 'root',
    role: 'PROVIDER_ADMIN',
    rights: [],
    node: provider,
    path: provider,
  };
  const ask = async <T>(subgraph: Subgraph, query: string, variables: Record<string, unknown> = {}): Promise<T> => {
    const contextValue = subgraph.context({ identity, requestId: 'test' });
    const { data, errors } = await execute({
      schema: subgraph.schema,
      document: parse(query),
      variableValues: variables,
      contextValue,
    });
    if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
    return Object.values(data ?? {})[0] as T;
  };
  const make = async (parent: string, type: string, name: string): Promise<{ id: string; path: string }> => {
    const { hierarchyNode } = await ask<{ hierarchyNode: { id: string; path: string } }>(
      inventory,
      `mutation ($input: CreateHierarchyNodeInput!) {
        createHierarchyNode(input: $input) { hierarchyNode { id path } userErrors { message } } }`,
      { input: { parent, type, name } },
    );
    return hierarchyNode;
  };
  const reseller = await make(provider, 'RESELLER', 'Reseller');
  let customers = 0;
  const parts = [inventory, audit];
  await Promise.all(parts.map((part) => part.start()));
  return {
    async newCustomer() {
      customers += 1;
      const customer = await make(reseller.id, 'CUSTOMER', `Customer ${customers}`);
      const site = await make(customer.id, 'SITE', 'Site');
      const place = ({ id, path }: { id: string; path: string }): Place => ({ customer: customer.id, node: id, path });
      const connection = connectionAt(place(site));
      await committed(stores.connections, { save: [save(connectionDocs, connection)] });
      return { customer: place(customer), site: place(site), connection };
    },
    stores,
    once: (point, act) => void acts.set(point, act),
    get overtaken() {
      return acts.size === 0;
    },
    move: (connection, moves) => moved(stores.connections, connection, moves),
    async followed() {
      const { head } = await stores.connections.log.state();
      await waitUntil('the inventory to follow', async () => {
        return ((await stores.numbers.get(cursors, 'connections'))?.position ?? 0) >= head;
      });
    },
    ask: (name, query, variables) => ask(name === 'audit' ? audit : inventory, query, variables),
    async close() {
      await Promise.all(parts.map((part) => part.drain()));
      await Promise.all(Object.values(opened).map((each) => each.close()));
    },
  };
}

function connectionAt({ customer, node, path }: Place): AudioCodesConnection {
  return {
    id: newId(),
    version: 0,
    type: 'AudioCodes',
    name: 'main',
    foldedName: 'main',
    customer,
    node,
    path,
    ancestors: path.split('.'),
    routingManager: 'arm.example',
    username: 'operator',
    sealedPassword: 'nothing dials it',
    authenticationMethod: 'BASIC',
    tlsVerify: true,
    reachability: { state: 'UNKNOWN' },
    createdAt: SINCE,
    updatedAt: SINCE,
  };
}

async function moved(store: Store, connection: AudioCodesConnection, moves: readonly Move[]): Promise<void> {
  const refs = moves.map(({ device }) => refOf(connection.id, device));
  const known = await store.getMany(registeredUsers, refs);
  const time = new Date(systemClock.now()).toISOString();
  const changes = moves.map(({ before, after }, index): RegisteredUserChange => {
    return { ref: refs[index] ?? '', before: before ?? null, after: after ?? null };
  });
  const steps = moves.map(({ device, after }, index): Commit => {
    const old = known[index];
    if (after === undefined) return { remove: old ? [asRead(registeredUsers, old)] : [] };
    const listed = {
      id: device,
      aor: `${after}@sip.example`,
      number: after,
      state: 'ONLINE',
      sbc: '1',
      sbcName: 'SBC',
    } as const;
    return {
      save: [
        save(registeredUsers, mirrored(listed, refOf(connection.id, device), connection.id, old?.version ?? 0, time)),
      ],
    };
  });
  const told = { connection: connection.id, node: connection.node, run: 'run', changes };
  await committed(store, {
    save: steps.flatMap((step) => step.save ?? []),
    remove: steps.flatMap((step) => step.remove ?? []),
    events: [
      event('RegisteredUsersChanged', told, {
        retention: 'passing',
        entity: entity.connection(connection.id),
        path: connection.path,
        actor: { type: 'WORKER', id: 'sync' },
        cause: 'sync:run',
        time,
      }),
    ],
  });
}

async function committed(store: Store, commit: Commit): Promise<void> {
  const result = await store.commit(commit);
  if (!result.ok) throw new Error(JSON.stringify(result.conflicts));
}
