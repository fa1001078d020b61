/** Who holds what only one service may be called: its name, and its MAC, each with the line in a cluster of a customer. */
import { PAGE_LIMIT, type Find, type PagePosition, type Store } from '@numberyard/kit/storage/port';
import { macNameOf, nameOf } from '../../domain/service-edit.js';
import type { NumberService } from '../../domain/number-service.js';
import type { AuditRefusal } from '../../domain/refusals.js';
import { numberServices } from '../../models/number-services.js';

/** Most values a condition `in` holds. */
const MOST_NAMED = 500;

export type Holders = ReadonlyMap<string, NumberService>;

/** The services that have the names of these, by {@link nameOf}. */
export async function holdersOfNames(store: Store, wanted: readonly NumberService[]): Promise<Holders> {
  const found = new Map<string, NumberService>();
  for (const some of grouped(wanted, ({ customer, kind }) => `${customer}\n${kind}`)) {
    const [{ customer, kind }] = some;
    const find = { key: 'byName', equals: [customer, kind], next: { in: distinct(some.map(({ name }) => name)) } };
    for await (const service of besides(store, find, some)) found.set(nameOf(service), service);
  }
  return found;
}

/** The services that have the MACs of these, by {@link macNameOf}. */
export async function holdersOfMacs(store: Store, wanted: readonly NumberService[]): Promise<Holders> {
  const found = new Map<string, NumberService>();
  const withMac = wanted.filter(({ mac }) => mac !== undefined);
  for (const some of grouped(withMac, ({ customer }) => customer)) {
    const [{ customer }] = some;
    const find = { key: 'byMac', equals: [customer], next: { in: distinct(some.map(({ mac = '' }) => mac)) } };
    for await (const service of besides(store, find, some)) found.set(macNameOf(service) ?? '', service);
  }
  return found;
}

/** Why a service cannot be called so, if others are. @param fields what the input calls them by */
export function takenProblems(
  service: NumberService,
  names: Holders,
  macs: Holders,
  fields: { readonly name: string; readonly mac: string } = { name: 'name', mac: 'mac' },
): AuditRefusal[] {
  const problems: AuditRefusal[] = [];
  const named = names.get(nameOf(service));
  if (named && named.id !== service.id)
    problems.push(taken('The customer has another service of this kind, name and line in the cluster.', fields.name));
  const macName = macNameOf(service);
  const alike = macName === undefined ? undefined : macs.get(macName);
  if (alike && alike.id !== service.id)
    problems.push(taken('The customer has another service of this MAC and line in the cluster.', fields.mac));
  return problems;
}

function taken(message: string, field: string): AuditRefusal {
  return { code: 'ALREADY_EXISTS', message, field };
}

/** What a find answers of the clusters and lines that are named at all. */
async function* besides(
  store: Store,
  find: Pick<Find, 'key' | 'equals' | 'next'>,
  wanted: readonly NumberService[],
): AsyncGenerator<NumberService> {
  const where = {
    cluster: { in: distinct(wanted.map(({ cluster }) => cluster)) },
    line: { in: distinct(wanted.map(({ line }) => line)) },
  };
  let after: PagePosition | undefined;
  do {
    const page = await store.find(numberServices, {
      ...find,
      where,
      limit: PAGE_LIMIT,
      ...(after && { after }),
    });
    yield* page.items;
    after = page.after;
  } while (after);
}

/** In groups that are alike, each of at most as many as one find can name. */
function grouped<T>(things: readonly T[], likeness: (thing: T) => string): [T, ...T[]][] {
  const full: [T, ...T[]][] = [];
  const open = new Map<string, [T, ...T[]]>();
  for (const thing of things) {
    const key = likeness(thing);
    const group = open.get(key);
    if (group && group.length < MOST_NAMED) group.push(thing);
    else {
      const begun: [T, ...T[]] = [thing];
      open.set(key, begun);
      full.push(begun);
    }
  }
  return full;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
