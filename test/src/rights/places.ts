/**
 * The four subgraphs in this process without a gateway, over a hierarchy with something of every kind at each of its places, and a count of what each call
 * costs the storage engine.
 */
import { connectionsInternal } from '@numberyard/connections/internal';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { readSettings } from '@numberyard/kit/config/settings';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import type { Identity } from '@numberyard/kit/identity/identity';
import { createLogger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { openTestStore, type TestStore } from '@numberyard/kit/testing/store';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { settingsTable } from '@numberyard/launcher/settings';
import { SUBGRAPHS, type Owners } from '@numberyard/launcher/subgraphs';
import { createNumberInventory } from '@numberyard/number-inventory/main';
import { subgraphNames, type SubgraphName } from '@numberyard/schema/sdl';
import type { Role } from '@numberyard/schema/rights';
import { execute, parse, subscribe, type DocumentNode, type ExecutionResult } from 'graphql';
import { EngineCalls } from './engine-calls.js';

/** A node of the hierarchy; whatever is there bears its mark in every text. */
export interface Place {
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly type: string;
  /** Whether numbers and connections may be there. */
  readonly isHome: boolean;
}

/** Every kind of place a key may be at, with what is above, below and beside it. Made in this order. */
const PLAN = [
  { name: 'reseller', type: 'RESELLER', parent: 'provider', isHome: false },
  { name: 'sibling', type: 'CUSTOMER', parent: 'reseller', isHome: true },
  { name: 'nephew', type: 'SITE', parent: 'sibling', isHome: true },
  { name: 'customer', type: 'CUSTOMER', parent: 'reseller', isHome: true },
  { name: 'brother', type: 'SITE', parent: 'customer', isHome: true },
  { name: 'site', type: 'SITE', parent: 'customer', isHome: true },
] as const;
export type PlaceName = 'provider' | (typeof PLAN)[number]['name'];

/** In every text of a place, and in none of another's. */
export function markOf(place: Place): string {
  return `mark-${place.name}-mark`;
}

export interface Caller {
  readonly subgraph: SubgraphName;
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly as: Identity;
}

export interface Places {
  readonly all: readonly Place[];
  place(name: PlaceName): Place;
  readonly root: Identity;
  identity(role: Role, rights: readonly string[], at: Place): Identity;
  readonly subgraphs: Readonly<Record<SubgraphName, Subgraph>>;
  readonly stores: Readonly<Record<SubgraphName, Store>>;
  /** What the engines have been asked since the last `clear`. */
  readonly calls: EngineCalls;
  run(call: Caller): Promise<ExecutionResult>;
  /** As the root, and it has to go through; the only root field. */
  ask<T>(subgraph: SubgraphName, document: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  live(call: Caller): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
  /** The heads of all logs: equal as long as nothing was changed that anybody is told of. */
  heads(): Promise<string>;
  close(): Promise<void>;
}

export async function openPlaces(): Promise<Places> {
  const calls = new EngineCalls();
  const opened = new Map<SubgraphName, TestStore>();
  for (const name of subgraphNames) {
    const { collections } = SUBGRAPHS[name];
    opened.set(name, await openTestStore({ name, collections, clock: systemClock, exclusive: true }));
  }
  const own = (name: SubgraphName): Store => opened.get(name)?.store as Store;
  const stores = byName((name) => calls.counting(own(name)));
  const shared = {
    clock: systemClock,
    logger: createLogger('silent'),
    settings: readSettings(settingsTable, { NUMBERYARD_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') }),
  };
  const users = { log: stores.connections.log, internal: connectionsInternal(stores.connections) };
  const numberInventory = createNumberInventory({ ...shared, store: stores['number-inventory'], connections: users });
  const owners: Owners = {
    connections: users,
    'number-inventory': { log: stores['number-inventory'].log, internal: numberInventory.internal },
  };
  const create = (name: SubgraphName) => SUBGRAPHS[name].create({ ...shared, owners, store: stores[name] });
  const followers = [await create('connections'), await create('provisioning'), await create('audit')] as const;
  const subgraphs = { connections: followers[0], provisioning: followers[1], audit: followers[2] };
  const all = { ...subgraphs, 'number-inventory': numberInventory };

  const { provider } = await numberInventory.bootstrap({ providerName: 'mark-provider-mark' });
  const root: Identity = {
    id: 'root',
    label: 'root',
    role: 'PROVIDER_ADMIN',
    rights: [],
    node: provider,
    path: provider,
  };
  const documents = new Map<string, DocumentNode>();
  const parsed = (text: string) => documents.get(text) ?? documents.set(text, parse(text)).get(text) ?? parse(text);
  const argumentsOf = ({ subgraph, document, variables = {}, as }: Caller) => ({
    schema: all[subgraph].schema,
    document: parsed(document),
    variableValues: variables,
    contextValue: all[subgraph].context({ identity: as, requestId: 'test' }),
  });
  const ask = async <T>(subgraph: SubgraphName, document: string, variables = {}): Promise<T> => {
    const { data, errors } = await execute(argumentsOf({ subgraph, document, variables, as: root }));
    const answer = Object.values(data ?? {})[0] as { userErrors?: readonly unknown[] } | undefined;
    if (errors || answer?.userErrors?.length) {
      throw new Error(`${document} ${JSON.stringify(variables)}: ${JSON.stringify(errors ?? answer?.userErrors)}`);
    }
    return answer as T;
  };

  const places = new Map<PlaceName, Place>([
    ['provider', { name: 'provider', type: 'PROVIDER', id: provider, path: provider, isHome: false }],
  ]);
  for (const { name, type, parent, isHome } of PLAN) {
    const { hierarchyNode } = await ask<{ hierarchyNode: { id: string; path: string } }>(
      'number-inventory',
      `mutation ($input: CreateHierarchyNodeInput!) { createHierarchyNode(input: $input) { hierarchyNode { id path } userErrors { message } } }`,
      { input: { parent: places.get(parent)?.id, type, name: `mark-${name}-mark` } },
    );
    places.set(name, { name, type, ...hierarchyNode, isHome });
  }
  await mirrored(followers, [...places.values()], stores);

  return {
    all: [...places.values()],
    place: (name) => places.get(name) as Place,
    root,
    identity: (role, rights, { name, id, path }) => ({
      id: `key-${role}-${rights.join()}-${name}`,
      label: `key ${role}`,
      role,
      rights,
      node: id,
      path,
    }),
    subgraphs: all,
    stores: byName(own),
    calls,
    run: async (call) => execute(argumentsOf(call)),
    ask,
    live: (call) => subscribe(argumentsOf(call)) as Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>,
    heads: async () =>
      JSON.stringify(await Promise.all(subgraphNames.map(async (name) => (await own(name).log.state()).head))),
    async close() {
      await numberInventory.drain();
      for (const { close } of opened.values()) await close();
    },
  };
}

/** Let the other subgraphs learn the hierarchy, then stop their workers, so that nothing but what is called asks the engines. */
async function mirrored(
  followers: readonly Subgraph[],
  places: readonly Place[],
  stores: Readonly<Record<SubgraphName, Store>>,
): Promise<void> {
  for (const follower of followers) {
    await follower.start();
    await waitUntil(`${follower.name} to know the hierarchy`, async () => {
      const ids = places.map(({ id }) => id);
      const known = await stores[follower.name as SubgraphName].getMany(mirroredNodes, ids);
      return known.every(Boolean) || undefined;
    });
    await follower.drain();
  }
}

function byName<T>(make: (name: SubgraphName) => T): Record<SubgraphName, T> {
  return Object.fromEntries(subgraphNames.map((name) => [name, make(name)])) as Record<SubgraphName, T>;
}
