/**
 * Bring the devices' uses of all numbers in line with the owner's listing, for when its log can no longer tell what happened. Listing and inventory are
 * both read in order of number, side by side, so that memory does not grow with either.
 */
import { decide } from '@numberyard/kit/commands/decide';
import type { Page, PagePosition } from '@numberyard/kit/storage/port';
import type { Step } from '@numberyard/kit/workers/loop';
import { stopWhenLost } from '@numberyard/kit/workers/leases';
import type { ConnectionsInternal, RegisteredNumberUse } from '@numberyard/schema/internal';
import { newNumber, numberId, type NumberUse } from '../domain/number.js';
import { numbers, type NumberDoc } from '../models/number.js';
import { bySync, registeredUserUse } from './apply-registered-users.js';
import { connectionPlaces, type ConnectionPlace } from './connection-places.js';
import { nowOf, type Deps } from './context.js';
import { providerNode } from './provider.js';
import { WorkingNumbers } from './working-numbers.js';

/** Uses listed, and numbers brought in line in one commit. */
const BATCH = 300;

/** Stops, to be begun again, when the step is drained. @throws LeaseLostError, StoreError and what the listing throws */
export async function rebuildUses(
  deps: Pick<Deps, 'store' | 'clock'>,
  connections: ConnectionsInternal,
  step: Step,
): Promise<void> {
  const provider = await providerNode(deps.store);
  if (!provider) return;
  let after: string | undefined;
  let last = '';
  let held: readonly RegisteredNumberUse[] = [];
  do {
    const listing = await connections.numberUses(after, BATCH);
    after = listing.after;
    const items = [...held, ...listing.items];
    const end = items.at(-1)?.number;
    // More users of the last number may follow on the next page, so it waits for that.
    held = after === undefined ? [] : items.filter((item) => item.number === end);
    const upTo = after === undefined ? undefined : previous(items, end);
    if (after !== undefined && upTo === undefined) continue;
    const whole = items.slice(0, items.length - held.length);
    await bringInLine(deps, provider.id, { after: last, upTo }, whole, step);
    last = upTo ?? last;
    step.signal.throwIfAborted();
  } while (after !== undefined);
}

/** The number before the last one. */
function previous(items: readonly RegisteredNumberUse[], end: string | undefined): string | undefined {
  return items.findLast((item) => item.number !== end)?.number;
}

/** Numbers of the inventory above `after` and, when given, not above `upTo`, against what is listed in that stretch. */
async function bringInLine(
  deps: Pick<Deps, 'store' | 'clock'>,
  provider: string,
  stretch: { readonly after: string; readonly upTo: string | undefined },
  listed: readonly RegisteredNumberUse[],
  step: Step,
): Promise<void> {
  const places = await connectionPlaces(
    deps.store,
    listed.map((item) => item.node),
  );
  const wanted = new Map<string, RegisteredNumberUse[]>();
  for (const item of listed) {
    const place = places.get(item.node);
    if (!place?.numberManagement) continue;
    const id = numberId(place.customer, item.number);
    wanted.set(id, [...(wanted.get(id) ?? []), item]);
  }
  const differing = new Set(wanted.keys());
  const next = { gt: stretch.after, ...(stretch.upTo !== undefined && { lte: stretch.upTo }) };
  let after: PagePosition | undefined;
  do {
    const page: Page<NumberDoc> = await deps.store.find(numbers, {
      key: 'byNumber',
      equals: [provider],
      next,
      limit: BATCH,
      ...(after && { after }),
    });
    after = page.after;
    const used = page.items.filter((number) => number.uses.some((use) => use.source === 'REGISTERED_USER'));
    const managed = await connectionPlaces(
      deps.store,
      used.map((number) => number.node),
    );
    for (const { id, node } of used) if (managed.get(node)?.numberManagement) differing.add(id);
    if (differing.size >= BATCH || !after) {
      await correct(deps, [...differing], wanted, places, step);
      differing.clear();
    }
    step.signal.throwIfAborted();
  } while (after);
}

async function correct(
  deps: Pick<Deps, 'store' | 'clock'>,
  ids: readonly string[],
  wanted: ReadonlyMap<string, readonly RegisteredNumberUse[]>,
  places: ReadonlyMap<string, ConnectionPlace>,
  step: Step,
): Promise<void> {
  const attempt = async () => {
    const working = await WorkingNumbers.load(deps.store, ids);
    const now = nowOf(deps);
    for (const id of ids) {
      const listed = wanted.get(id) ?? [];
      const known = working.get(id);
      const have = (known?.uses ?? []).filter((use) => use.source === 'REGISTERED_USER');
      const add = listed
        .filter((item) => !have.some((use) => use.ref === item.ref))
        .map((item): NumberUse => registeredUserUse(item.ref, item.connection, now));
      const remove = have.filter((use) => !listed.some((item) => item.ref === use.ref));
      const place = places.get(listed[0]?.node ?? '');
      if (known) working.changeUses(id, { add, remove }, bySync(), now);
      else if (place && listed[0]) working.add(newNumber(place, listed[0].number, now), { add, remove }, bySync(), now);
    }
    const written = working.written();
    if (written.save.length === 0) return { value: undefined };
    return { value: undefined, commit: { ...written, expect: [step.lease.fence], trusted: true } };
  };
  await decide(deps.store, attempt, stopWhenLost(step.lease));
}
