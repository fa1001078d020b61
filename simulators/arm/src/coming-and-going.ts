/** Devices that come and go by themselves: offline, gone, and back. The same seed does the same. */
import type { Registrations } from './registrations.js';

export interface ComingAndGoing {
  /** Changes a minute. */
  readonly perMinute: number;
  /** 1 when left out. */
  readonly seed?: number;
  /** How many are away at once; 10 when left out. */
  readonly atMostAway?: number;
  /** User parts of devices that are left to whoever experiments with them. */
  readonly spare?: readonly string[];
}

/** Calls back every so many milliseconds until the function it returns is called. */
export type Every = (milliseconds: number, callback: () => void) => () => void;

export const everyReally: Every = (milliseconds, callback) => {
  const timer = setInterval(callback, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
};

/**
 * @returns the function that stops it; those away stay away
 * @throws RangeError for a rate that is none
 */
export function startComingAndGoing(
  registrations: Registrations,
  { perMinute, seed = 1, atMostAway = 10, spare = [] }: ComingAndGoing,
  every: Every,
): () => void {
  if (!(perMinute > 0 && perMinute <= 60_000)) throw new RangeError('perMinute must be above 0 and at most 60000.');
  if (!(Number.isInteger(atMostAway) && atMostAway >= 1))
    throw new RangeError('atMostAway must be a whole number from 1.');
  const random = randomFrom(seed);
  const away: number[] = [];
  const spared = new Set(spare.flatMap((user) => registrations.slotsOf(user)));
  return every(60_000 / perMinute, () => {
    const returns = away.length > 0 && (away.length >= atMostAway || random() < 0.5);
    const slot = returns ? away.shift() : pick(registrations, random);
    if (slot === undefined) return;
    if (returns) {
      registrations.set(slot, 'ONLINE');
    } else if (!spared.has(slot) && !away.includes(slot) && registrations.read(slot)?.state === 'ONLINE') {
      registrations.set(slot, random() < 0.5 ? 'OFFLINE' : 'GONE');
      away.push(slot);
    }
  });
}

function pick(registrations: Registrations, random: () => number): number | undefined {
  return registrations.listedSlots(Math.floor(random() * registrations.listed), 1)[0];
}

/** Mulberry32: small, fast, good enough to choose devices by. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
