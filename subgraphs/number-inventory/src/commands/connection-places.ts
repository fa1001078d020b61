/** Where the numbers of AudioCodes connections belong: the connection's node and the customer it is part of, and the node each number is to live at. */
import { asRead, type Expectation, type Store } from '@numberyard/kit/storage/port';
import { beginsWith } from '../domain/dial-plan.js';
import { ancestorsOf, customerOf, dialPlanOf } from '../domain/hierarchy.js';
import { nodes, type NodeDoc } from '../models/node.js';
import { sitesOfNumbers } from './site-codes.js';
import { keepOpen } from './while-empty.js';

export interface ConnectionPlace {
  /** The connection's node, and the customer. */
  readonly node: NodeDoc;
  readonly owner: NodeDoc;
  /** Id of the customer. */
  readonly customer: string;
  readonly numberManagement: boolean;
}

/** Where a number that does not exist is made, or why it is not, as a sentence. */
export type Home = { readonly node: NodeDoc } | { readonly misplaced: string };

/** By node id; a node that is unknown or belongs to no customer is left out. At most 1,000 nodes. */
export async function connectionPlaces(store: Store, ids: Iterable<string>): Promise<Map<string, ConnectionPlace>> {
  const found = (await store.getMany(nodes, [...new Set(ids)])).filter((node) => node !== undefined);
  const above = [...new Set(found.flatMap((node) => ancestorsOf(node.path)))];
  const ancestors = new Map<string, NodeDoc>();
  for (const node of await store.getMany(nodes, above)) if (node) ancestors.set(node.id, node);
  const places = new Map<string, ConnectionPlace>();
  for (const node of found) {
    const path = ancestorsOf(node.path).map((id) => ancestors.get(id));
    const owner = customerOf(path.filter((each) => each !== undefined));
    if (!owner) continue;
    places.set(node.id, { node, owner, customer: owner.id, numberManagement: owner.numberManagement !== false });
  }
  return places;
}

/** What commits expect that change numbers of these places, lest number management be switched off meanwhile. */
export function expectOwners(places: Iterable<ConnectionPlace>): Expectation[] {
  const owners = new Map([...places].map(({ owner }) => [owner.id, asRead(nodes, owner)]));
  return [...owners.values()];
}

/** A number of a device of some connection. */
export interface Placed {
  readonly place: ConnectionPlace;
  readonly number: string;
}

/**
 * Where numbers that do not exist are made: under a flat dial plan at the node of the connection, under site location codes at the site whose code they begin
 * with, wherever the connection is. Read for many at once.
 */
export class NumberHomes {
  readonly #sites = new Map<string, (number: string) => NodeDoc | undefined>();
  readonly #open = new Map<string, NodeDoc>();
  /** What the commit expects that makes the numbers, lest one of the nodes be retired or the dial plan changed meanwhile. */
  readonly expect: Expectation[] = [];

  static async load(store: Store, wanted: readonly Placed[]): Promise<NumberHomes> {
    const homes = new NumberHomes();
    const byCustomer = new Map<
      string,
      { readonly flat: boolean; readonly numbers: string[]; readonly nodes: Set<string> }
    >();
    for (const { place, number } of wanted) {
      const known = byCustomer.get(place.customer);
      const of = known ?? { flat: dialPlanOf(place.owner) === 'FLAT', numbers: [], nodes: new Set<string>() };
      if (!known) byCustomer.set(place.customer, of);
      if (of.flat) of.nodes.add(place.node.id);
      else of.numbers.push(number);
    }
    const used = new Set<string>();
    for (const [customer, { flat, numbers, nodes: own }] of byCustomer) {
      used.add(customer);
      for (const node of own) used.add(node);
      if (flat) continue;
      const siteOf = await sitesOfNumbers(store, customer, numbers);
      homes.#sites.set(customer, siteOf);
      for (const number of numbers) used.add(siteOf(number)?.id ?? '');
    }
    used.delete('');
    for (const node of await keepOpen(store, [...used])) {
      if (!node) continue;
      homes.#open.set(node.id, node);
      homes.expect.push(asRead(nodes, node));
    }
    return homes;
  }

  /** Paths of the nodes where numbers may be made. */
  get paths(): string[] {
    return [...this.#open.values()].map(({ path }) => path);
  }

  of({ place, number }: Placed): Home {
    const { owner } = place;
    const siteOf = this.#sites.get(place.customer);
    const id = siteOf ? siteOf(number)?.id : place.node.id;
    const node = id === undefined ? undefined : this.#open.get(id);
    if (!node || (siteOf && !beginsWith(number, node.siteLocationCode ?? number)))
      return { misplaced: `It begins with the code of no site of ${owner.name}, so it was not created.` };
    if (node.retired || owner.retired) return { misplaced: `${node.name} is retired, so the number was not created.` };
    return { node };
  }
}
