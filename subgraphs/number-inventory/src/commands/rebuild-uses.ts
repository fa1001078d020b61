/**
 * Bring the devices' uses of numbers in line with the owner's listing: of every customer in turn when its log can no longer tell what happened, of one customer
 * when its numbers were left alone for a time. Nothing of the log may be applied meanwhile, lest the listing overtake it or fall behind. Listing and inventory
 * are both read in order of number, side by side, so that memory does not grow with either.
 */
import { decide } from '@numberyard/kit/commands/decide';
import type { Page, PagePosition } from '@numberyard/kit/storage/port';
import type { Step } from '@numberyard/kit/workers/loop';
import { stopWhenLost } from '@numberyard/kit/workers/leases';
import type { ConnectionsInternal, ListedUse } from '@numberyard/schema/internal';
import { newNumber, numberId, type NumberUse } from '../domain/number.js';
import { nodes, type NodeDoc } from '../models/node.js';
import { numbers, type NumberDoc } from '../models/number.js';
import { at, bySync, registeredUserUse } from './apply-registered-users.js';
import { connectionPlaces, expectOwners, NumberHomes, type ConnectionPlace } from './connection-places.js';
import { nowOf, type Deps } from './context.js';
import { noted } from './owed-uses.js';
import { WorkingNumbers } from './working-numbers.js';

/** Uses listed, and numbers brought in line in one commit. */
const BATCH = 300;

/** What lists the uses. */
export type UseListing = Pick<ConnectionsInternal, 'numberUses'>;

/** Stops, to be begun again, when the step is drained. @throws LeaseLostError, StoreError and what the listing throws */
export async function rebuildAllUses(
  deps: Pick<Deps, 'store' | 'clock'>,
  connections: UseListing,
  step: Step,
): Promise<void> {
  let after: PagePosition | undefined;
  do {
    const page: Page<NodeDoc> = await deps.store.find(nodes, {
      key: 'byType',
      equals: ['CUSTOMER'],
      limit: BATCH,
      ...(after && { after }),
    });
    for (const { id } of page.items) await rebuildUses(deps, connections, step, id);
    after = page.after;
  } while (after);
}

/**
 * Of one customer.
 * @returns whether some of its numbers were not made, because they begin with no site's code or their site is retired
 * @throws as {@link rebuildAllUses}
 */
export async function rebuildUses(
  deps: Pick<Deps, 'store' | 'clock'>,
  connections: UseListing,
  step: Step,
  customer: string,
): Promise<boolean> {
  const work: Work = { deps, step, customer, owing: new Set() };
  let after: string | undefined;
  let last = '';
  let held: readonly ListedUse[] = [];
  do {
    const listing = await connections.numberUses(customer, after, BATCH);
    after = listing.after;
    const items = [...held, ...listing.items];
    const end = items.at(-1)?.number;
    // More users of the last number may follow on the next page, so it waits for that.
    held = after === undefined ? [] : items.filter((item) => item.number === end);
    const upTo = after === undefined ? undefined : previous(items, end);
    if (after === undefined || upTo !== undefined) {
      await bringInLine(work, { after: last, upTo }, items.slice(0, items.length - held.length));
      last = upTo ?? last;
    }
    step.signal.throwIfAborted();
  } while (after !== undefined);
  return work.owing.size > 0;
}

interface Work {
  readonly deps: Pick<Deps, 'store' | 'clock'>;
  readonly step: Step;
  readonly customer: string;
  /** The customer, once some of its numbers were not made. */
  readonly owing: Set<string>;
}

/** The number before the last one. */
function previous(items: readonly ListedUse[], end: string | undefined): string | undefined {
  return items.findLast((item) => item.number !== end)?.number;
}

/** Numbers of the inventory above `after` and, when given, not above `upTo`, against what is listed in that stretch. */
async function bringInLine(
  work: Work,
  stretch: { readonly after: string; readonly upTo: string | undefined },
  listed: readonly ListedUse[],
): Promise<void> {
  const { store } = work.deps;
  const wanted = new Map<string, ListedUse[]>();
  for (const item of listed) {
    // Whether number management is on is judged with the correction: were it switched on in between, its numbers would look as if nothing used them.
    const id = numberId(work.customer, item.number);
    wanted.set(id, [...(wanted.get(id) ?? []), item]);
  }
  const differing = new Set(wanted.keys());
  let after: PagePosition | undefined;
  do {
    const page: Page<NumberDoc> = await store.find(numbers, {
      key: 'byNumber',
      equals: [work.customer],
      next: { gt: stretch.after, ...(stretch.upTo !== undefined && { lte: stretch.upTo }) },
      limit: BATCH,
      ...(after && { after }),
    });
    after = page.after;
    for (const { id, uses } of page.items) if (uses.some((use) => use.source === 'REGISTERED_USER')) differing.add(id);
    if (differing.size >= BATCH) await correct(work, differing, wanted);
    work.step.signal.throwIfAborted();
  } while (after);
  await correct(work, differing, wanted);
}

/** Bring some numbers in line, those left alone whose number management is off; afterwards none is left in `differing`. */
async function correct(
  { deps, step, owing }: Work,
  differing: Set<string>,
  wanted: ReadonlyMap<string, readonly ListedUse[]>,
): Promise<void> {
  const { store } = deps;
  const ids = [...differing];
  differing.clear();
  const attempt = async () => {
    const working = await WorkingNumbers.load(store, ids);
    const listed = ids.map((id) => wanted.get(id)?.[0]);
    const known = ids.map((id) => working.get(id));
    // Read again with each try: number management may have been switched off, or a site been made.
    const places = await connectionPlaces(
      store,
      ids.flatMap((_, index) => known[index]?.node ?? listed[index]?.node ?? []),
    );
    const placeOf = (index: number) => places.get(known[index]?.node ?? listed[index]?.node ?? '');
    const made = ids.flatMap((_, index) => {
      const place = placeOf(index);
      const number = listed[index]?.number;
      return !known[index] && place?.numberManagement && number !== undefined ? [{ place, number }] : [];
    });
    const homes = await NumberHomes.load(store, made);
    const now = nowOf(deps);
    const touched: ConnectionPlace[] = [];
    for (const [index, id] of ids.entries()) {
      const place = placeOf(index);
      if (!place?.numberManagement) continue;
      const here = wanted.get(id) ?? [];
      const have = (known[index]?.uses ?? []).filter((use) => use.source === 'REGISTERED_USER');
      const add = here
        .filter((item) => !have.some((use) => use.ref === item.ref))
        .map((item): NumberUse => registeredUserUse(item.ref, item.connection, now));
      const remove = have.filter((use) => !here.some((item) => item.ref === use.ref));
      touched.push(place);
      if (known[index]) working.changeUses(id, { add, remove }, bySync(), now);
      else if (here[0]) {
        const home = homes.of({ place, number: here[0].number });
        if ('misplaced' in home) owing.add(place.customer);
        else working.add(newNumber(at(place, home.node), here[0].number, now), { add, remove }, bySync(), now);
      }
    }
    const written = working.written();
    const save = [...written.save, ...(await noted(store, [...owing]))];
    if (save.length === 0) return { value: undefined };
    const expect = [step.lease.fence, ...expectOwners(touched), ...homes.expect];
    return { value: undefined, commit: { save, events: written.events, expect, trusted: true } };
  };
  await decide(store, attempt, stopWhenLost(step.lease));
}
