/**
 * What becomes of numbers, told a second time: written from the rules as people state them, sharing no code with the product, so that the two can be held against
 * each other. Everything happens at once and in memory.
 */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A request is asked again within this time; it is remembered for longer. */
export const REMEMBERED = 6 * DAY;

export const NUMBERS = ['71', '72', '73'];
export const USERS = ['u0', 'u1'];
export const PLACES = ['site', 'otherSite', 'customer'] as const;
export type Place = (typeof PLACES)[number];

export type Step =
  | { do: 'add' | 'move'; number: number; place: Place }
  | { do: 'assign'; number: number; ref: string; usage: 'USER' | 'HUNT_PILOT'; vendor: string | null }
  | { do: 'claim'; place: Place; at: 'once' | 'twice at once' }
  | { do: 'repeat' }
  | { do: 'release'; number: number; ref: string | null }
  | { do: 'reserve' | 'cool'; number: number; days: number | null }
  | { do: 'unreserve' | 'endCooling' | 'delete'; number: number }
  | { do: 'update'; number: number; tag?: string; description?: string; e164?: string; extra?: string }
  | { do: 'register'; user: number; number: number | null }
  | { do: 'setCooling'; enabled: 'YES' | 'NO'; days: number }
  | { do: 'setMacro'; days: number }
  | { do: 'wait'; hours: number }
  | { do: 'sweep' };

interface Use {
  ref: string;
  isDevice: boolean;
  usage: string;
  vendor: string | null;
  since: number;
}

interface Entry {
  place: Place;
  uses: Use[];
  reservedUntil: number | 'for ever' | undefined;
  cooling: { until: number; vendor: string | null; tag: string | null } | undefined;
  tag: string | null;
  description: string | null;
  e164: string | null;
  extra: string | null;
}

/** What anybody can see of a number. */
export interface Seen {
  place: Place;
  status: string;
  usage: string[];
  vendor: string | null;
  tag: string | null;
  releaseDate: string | null;
  description: string | null;
  e164: string | null;
  extra: string | null;
  uses: string[];
}

export class Model {
  readonly entries = new Map<number, Entry>();
  readonly #at = new Map<number, number>();
  #cooling: { enabled: 'YES' | 'NO'; days: number } = { enabled: 'NO', days: 30 };
  #macroDays = 2;
  #now: number;
  #lastClaim: { number: number; at: number } | undefined;

  constructor(now: number) {
    this.#now = now;
  }

  /** How many requests of the step are granted. */
  take(step: Step): number {
    switch (step.do) {
      case 'wait':
        this.#now += step.hours * HOUR;
        return 1;
      case 'sweep':
        for (const entry of this.entries.values()) this.#endDue(entry);
        return 1;
      case 'setCooling':
        this.#cooling = step;
        return 1;
      case 'setMacro':
        this.#macroDays = step.days;
        return 1;
      case 'register':
        return this.#register(step.user, step.number);
      case 'claim':
        return this.#claims(step.place, step.at === 'once' ? 1 : 2);
      case 'repeat': {
        const { number, at } = this.#lastClaim ?? { number: -1, at: 0 };
        return this.#now - at < REMEMBERED && this.entries.has(number) ? 1 : 0;
      }
      case 'add':
        if (!this.entries.has(step.number)) this.entries.set(step.number, newEntry(step.place));
        return 1;
      default: {
        const entry = this.entries.get(step.number);
        return entry && this.#ask(step, entry) ? 1 : 0;
      }
    }
  }

  #ask(step: Extract<Step, { number: number }>, entry: Entry): boolean {
    const { status } = this.see(entry);
    switch (step.do) {
      case 'move':
        entry.place = step.place;
        return true;
      case 'assign':
        if (status !== 'AVAILABLE') return false;
        this.#begin(entry, { ref: step.ref, isDevice: false, usage: step.usage, vendor: step.vendor });
        return true;
      case 'release': {
        const ended = entry.uses.filter((use) => !use.isDevice && (step.ref === null || use.ref === step.ref));
        this.#end(entry, ended);
        return ended.length > 0;
      }
      case 'reserve':
        if (status !== 'AVAILABLE') return false;
        entry.reservedUntil = step.days === null ? 'for ever' : this.#now + step.days * DAY;
        return true;
      case 'unreserve':
        if (status !== 'RESERVED') return false;
        this.#unreserve(entry);
        return true;
      case 'cool':
        if (status !== 'AVAILABLE') return false;
        entry.cooling = { until: this.#now + (step.days ?? this.#cooling.days) * DAY, vendor: null, tag: null };
        return true;
      case 'endCooling':
        if (status === 'COOLING') makeAvailable(entry);
        return status === 'COOLING';
      case 'delete':
        if (status === 'AVAILABLE') this.entries.delete(step.number);
        return status === 'AVAILABLE';
      case 'update': {
        const isTaken = [...this.entries.values()].some((other) => other !== entry && other.e164 === step.e164);
        if (step.e164 && isTaken) return false;
        if (step.tag !== undefined) entry.tag = step.tag || null;
        if (step.description !== undefined) entry.description = step.description || null;
        if (step.e164 !== undefined) entry.e164 = step.e164 || null;
        if (step.extra !== undefined) entry.extra = step.extra || null;
        return true;
      }
      default:
        throw new Error(`nobody asks for ${step.do}`);
    }
  }

  /** Of two at once nobody can say which got which number, so only a single one is asked again. */
  #claims(place: Place, count: number): number {
    const got = Array.from({ length: count }, () => this.#claim(place)).filter((number) => number !== undefined);
    const [number] = got;
    if (number !== undefined) this.#lastClaim = count === 1 ? { number, at: this.#now } : undefined;
    return got.length;
  }

  #claim(place: Place): number | undefined {
    const free = [...this.entries]
      .filter(([, entry]) => place === 'customer' || entry.place === place)
      .filter(([, entry]) => this.see(entry).status === 'AVAILABLE')
      .sort(([a], [b]) => a - b)[0];
    if (free) this.#begin(free[1], { ref: 'claim', isDevice: false, usage: 'USER', vendor: null });
    return free?.[0];
  }

  #register(user: number, number: number | null): number {
    const ref = USERS[user] ?? '';
    const before = this.#at.get(user);
    if (before === (number ?? undefined)) return 1;
    const entry = before === undefined ? undefined : this.entries.get(before);
    if (entry) {
      this.#end(
        entry,
        entry.uses.filter((use) => use.isDevice && use.ref === ref),
      );
    }
    if (number === null) {
      this.#at.delete(user);
      return 1;
    }
    this.#at.set(user, number);
    const taken = this.entries.get(number) ?? newEntry('site');
    this.entries.set(number, taken);
    this.#begin(taken, { ref, isDevice: true, usage: 'DEVICE', vendor: 'AudioCodes' });
    return 1;
  }

  #begin(entry: Entry, use: Omit<Use, 'since'>): void {
    entry.uses.push({ ...use, since: this.#now });
    entry.cooling = undefined;
  }

  #end(entry: Entry, ended: Use[]): void {
    if (ended.length === 0) return;
    entry.uses = entry.uses.filter((use) => !ended.includes(use));
    if (entry.uses.length > 0) return;
    if (ended.some((use) => use.isDevice)) {
      const day = new Date(this.#now).toISOString().slice(0, 10);
      const tag = `Registered user is either offline or deleted, release date ${day} + ${this.#macroDays} days`;
      entry.cooling = { until: this.#now + this.#macroDays * DAY, vendor: 'AudioCodes', tag };
    } else if (this.#cooling.enabled === 'YES') {
      entry.cooling = { until: this.#now + this.#cooling.days * DAY, vendor: ended[0]?.vendor ?? null, tag: null };
    } else makeAvailable(entry);
  }

  #unreserve(entry: Entry): void {
    entry.reservedUntil = undefined;
    const stillCools = entry.cooling && entry.cooling.until > this.#now;
    if (entry.uses.length === 0 && !stillCools) makeAvailable(entry);
  }

  #endDue(entry: Entry): void {
    if (entry.reservedUntil !== undefined) {
      if (entry.reservedUntil !== 'for ever' && entry.reservedUntil <= this.#now) this.#unreserve(entry);
    } else if (entry.cooling && entry.cooling.until <= this.#now) makeAvailable(entry);
  }

  see(entry: Entry): Seen {
    const { place, tag, description, e164, extra, cooling, reservedUntil } = entry;
    const byAge = entry.uses.map((use, index) => ({ use, index }));
    byAge.sort((a, b) => a.use.since - b.use.since || a.index - b.index);
    const uses = byAge.map(({ use }) => use);
    const rest = { place, tag, description, e164, extra, uses: entry.uses.map((use) => use.ref).sort() };
    const none = { usage: [], vendor: null, releaseDate: null };
    if (reservedUntil !== undefined) {
      const releaseDate = reservedUntil === 'for ever' ? null : new Date(reservedUntil).toISOString();
      return { ...rest, ...none, status: 'RESERVED', releaseDate };
    }
    if (uses.length > 0) {
      const usage = [...new Set(uses.map((use) => use.usage))];
      const status = usage.some((each) => each !== 'HUNT_PILOT') ? 'USED' : 'USED_UTILITY';
      return { ...rest, ...none, status, usage, vendor: uses[0]?.vendor ?? null };
    }
    if (!cooling) return { ...rest, ...none, status: 'AVAILABLE' };
    const releaseDate = new Date(cooling.until).toISOString();
    return { ...rest, ...none, status: 'COOLING', vendor: cooling.vendor, tag: cooling.tag ?? tag, releaseDate };
  }
}

function newEntry(place: Place): Entry {
  const none = { tag: null, description: null, e164: null, extra: null };
  return { place, uses: [], reservedUntil: undefined, cooling: undefined, ...none };
}

function makeAvailable(entry: Entry): void {
  entry.cooling = undefined;
  entry.description = null;
}
