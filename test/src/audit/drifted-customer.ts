/** A customer that has drifted, whose stores can be put back to where they were, so that two ways of auditing it can be compared. */
import { numberServices } from '@numberyard/audit/models/number-services';
import { registeredUsers } from '@numberyard/connections/models/registered-users';
import { asRead, save, type Commit, type Doc, type Save, type Store } from '@numberyard/kit/storage/port';
import type { Collection } from '@numberyard/kit/storage/collection';
import { numbers, type NumberDoc } from '@numberyard/number-inventory/models/number';
import { allDocuments } from '../world/all-documents.js';
import { connect, createCustomer, type Customer } from '../world/steps.js';
import type { World } from '../world/world.js';
import { put, saveNew, saveService, saveUser, type Place } from './documents.js';
import type { Drift, DriftedCustomer } from './drift.js';

export interface Drifting extends DriftedCustomer {
  readonly ids: Customer;
  /** Store a drift in place of all the customer had. */
  become(drift: Drift): Promise<void>;
  /** All numbers, in order. */
  inventory(): Promise<NumberDoc[]>;
}

/** Nobody listens there; nothing dials it. */
const NOBODY = { address: '127.0.0.1:9', username: 'operator', password: 'of nobody' };

export async function openDrifting(world: World, name: string, siteCount = 3): Promise<Drifting> {
  const ids = await createCustomer(world, name, siteCount);
  const above = [world.provider, ids.reseller, ids.customer];
  const at = (...below: string[]): Place => ({
    customer: ids.customer,
    node: below[0] ?? ids.customer,
    path: [...above, ...below].join('.'),
  });
  const site = ids.sites[0] ?? ids.customer;
  const connections = [
    await connect(world.client(), site, 'one', NOBODY),
    await connect(world.client(), ids.customer, 'two', NOBODY),
  ].map(({ id }) => id);
  const [inventory, users, services] = ['number-inventory', 'connections', 'audit'].map((each) =>
    world.store(each),
  ) as [Store, Store, Store];
  const all = () => allDocuments(inventory, numbers, 'byNumber', [ids.customer]);
  return {
    ids,
    customer: at(),
    sites: ids.sites.map((each) => at(each)),
    connections,
    inventory: all,
    async become(drift) {
      await replace(inventory, numbers, await all(), drift.numbers.map(saveNew));
      const mirrored = await Promise.all(
        connections.map((each) => allDocuments(users, registeredUsers, 'byConnection', [each])),
      );
      await replace(users, registeredUsers, mirrored.flat(), drift.users.map(saveUser));
      const old = await allDocuments(services, numberServices, 'byNodeName', [ids.customer]);
      await replace(services, numberServices, old, drift.services.map(saveService));
    },
  };
}

async function replace<D extends Doc>(
  store: Store,
  collection: Collection<D>,
  old: readonly D[],
  next: readonly Save[],
): Promise<void> {
  const before = new Map(old.map((doc) => [doc.id, doc]));
  const wanted = new Set(next.map(({ doc }) => doc.id));
  const gone = old.filter(({ id }) => !wanted.has(id));
  for (let from = 0; from < gone.length; from += 500) {
    const commit: Commit = {
      remove: gone.slice(from, from + 500).map((doc) => asRead(collection, doc)),
      trusted: true,
    };
    const result = await store.commit(commit);
    if (!result.ok) throw new Error('somebody else writes there');
  }
  const over = ({ doc }: Save) => save(collection, { ...(doc as D), version: before.get(doc.id)?.version ?? 0 });
  await put(store, next.map(over));
}

/** What a client can tell of a number, and what uses it; not when it happened. */
export function seen({ number, node, status, usage, vendor, connection, uses, cooling, reservation }: NumberDoc) {
  const used = uses.map(({ source, ref, usage: by, vendor: of }) => [source, ref, by, of ?? null].join(' '));
  return {
    number,
    node,
    status,
    usage,
    vendor: vendor ?? null,
    connection: connection ?? null,
    uses: used,
    cooling: cooling?.cause ?? null,
    reserved: reservation !== undefined,
  };
}
