/** A large inventory for the bench: numbers of every kind, at two customers of which one is small, stored as a sync or an operator would have left them. */
import type { Store } from '@numberyard/kit/storage/port';
import { numberId, type InventoryNumber } from '@numberyard/number-inventory/domain/number';
import { saveNumber } from '@numberyard/number-inventory/models/number';

export interface Place {
  readonly customer: string;
  readonly node: string;
  readonly path: string;
}

/** Far ahead, so that nothing is due while the bench runs. */
const START = Date.UTC(2099, 0, 1);
const DAY = 86_400_000;
const instant = (ms: number) => new Date(ms).toISOString();
const since = '2026-01-01T00:00:00.000Z';
export const CONNECTIONS = ['connection00000a', 'connection00000b'];
export const TEAM = 'team 7';
export const coolingTag = (day: number) =>
  `Registered user is either offline or deleted, release date ${instant(START + day * DAY).slice(0, 10)} + 2 days`;
export const releaseDate = (index: number) => instant(START + ((index * 7_919) % 200) * DAY + (index % 86_400) * 1_000);

/** The nth number of the bench, always the same. */
export function numberAt(index: number, { customer, node, path }: Place): InventoryNumber {
  const number = `+49${String(3_000_000_000 + index)}`;
  const connection = CONNECTIONS[index % 10 < 7 ? 0 : 1];
  const device = {
    source: 'REGISTERED_USER',
    ref: `user${index}`,
    usage: 'DEVICE',
    vendor: 'AudioCodes',
    since,
  } as const;
  const part = (index * 31) % 100;
  const state: Partial<InventoryNumber> =
    part < 45
      ? {}
      : part < 85
        ? { uses: [{ ...device, connection }] }
        : part < 90
          ? { uses: [{ source: 'ASSIGNMENT', ref: `user ${index}`, usage: 'USER', since }] }
          : part < 91
            ? { uses: [{ source: 'ASSIGNMENT', ref: `pilot ${index}`, usage: 'HUNT_PILOT', vendor: 'Cisco', since }] }
            : part < 96
              ? {
                  cooling: {
                    since,
                    releaseDate: releaseDate(index),
                    cause: 'AUDIOCODES',
                    tag: coolingTag(index % 200),
                    vendor: 'AudioCodes',
                    connection,
                  },
                }
              : { reservation: { reservedAt: since, ...(part < 98 && { until: releaseDate(index) }) } };
  return {
    id: numberId(customer, number),
    number,
    customer,
    node,
    path,
    uses: [],
    createdAt: since,
    updatedAt: since,
    ...((index * 13) % 97 < 10 && { ownTag: TEAM }),
    ...state,
  };
}

const BATCH = 500;

/** Store numbers `0..count` at the places that `placeAt` says. */
export async function fill(store: Store, count: number, placeAt: (index: number) => Place): Promise<void> {
  const waiting = new Set<Promise<unknown>>();
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    const save = Array.from({ length: size }, (_, index) =>
      saveNumber(numberAt(from + index, placeAt(from + index)), 0),
    );
    const committing = store.commit({ save, trusted: true }).then((result) => {
      waiting.delete(committing);
      if (!result.ok) throw new Error('the bench could not store its numbers');
    });
    waiting.add(committing);
    if (waiting.size >= 4) await Promise.race(waiting);
  }
  await Promise.all(waiting);
}
