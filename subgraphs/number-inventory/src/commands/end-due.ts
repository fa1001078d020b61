/** Cooling and reservations that have come to their end. */
import { decide } from '@numberyard/kit/commands/decide';
import type { Instant } from '@numberyard/kit/storage/port';
import { stopWhenLost, type Lease } from '@numberyard/kit/workers/leases';
import { endDue } from '../domain/transitions.js';
import { numbers, saveNumber } from '../models/number.js';
import { byWorker, nowOf, type Deps } from './context.js';
import { numberEvent } from './number-event.js';

/** Numbers ended in one commit. */
const BATCH = 300;

/** When the next cooling or reservation ends; undefined when none does. */
export async function nextDue({ store }: Pick<Deps, 'store'>): Promise<Instant | undefined> {
  const page = await store.find(numbers, { key: 'byDue', limit: 1 });
  return page.items[0]?.releaseDate;
}

/**
 * End what was due at `asOf`, one batch of it: "When the Release Date has been reached, the INI is put back into the Available pool" (AudioCodes Device
 * Number Integration). Each number is judged by its state as it is now, and only written if that has not changed: a device that came back keeps it.
 * @returns how many numbers were ended; fewer than a batch holds means there may still be more
 */
export async function endDueNumbers(deps: Pick<Deps, 'store' | 'clock'>, asOf: Instant, lease: Lease): Promise<number> {
  const { store } = deps;
  const attempt = async () => {
    const due = await store.find(numbers, { key: 'byDue', next: { lte: asOf }, limit: BATCH });
    const now = nowOf(deps);
    const by = byWorker('release-sweep', 'release sweep', 'release-date');
    const ended = due.items.flatMap((number) => {
      const change = endDue(number, asOf);
      return change ? [{ ...change, version: number.version }] : [];
    });
    if (ended.length === 0) return { value: 0 };
    const commit = {
      expect: [lease.fence],
      save: ended.map(({ next, version }) => saveNumber({ ...next, updatedAt: now }, version)),
      events: ended.map(({ next, event }) => numberEvent(event, next, by, now)),
      trusted: true,
    };
    return { value: ended.length, commit };
  };
  return decide(store, attempt, stopWhenLost(lease));
}
