/**
 * Who is registered. A registration has a slot for ever: a device that went and comes back has the same id and the same place in
 * the listing. Per slot there are some bytes; records are made when they are asked for.
 */
import { NumberBlocks } from './number-blocks.js';
import { SlotOrder } from './slot-order.js';
import type { RegistrationState } from './wire.js';

/** Offline is a record that says so; gone is no record. */
export type Presence = RegistrationState | 'GONE';

export interface Registration {
  readonly slot: number;
  readonly user: string;
  readonly nodeId: string;
  readonly state: RegistrationState;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
}

export interface RegistrationFilter {
  readonly nodeId?: string;
  readonly user?: string;
  readonly state?: RegistrationState;
}

/** What a locked or unsynchronised node's users look like: as they were, or not listed at all. */
export type FrozenListing = 'frozen' | 'missing';

const PRESENCES: readonly Presence[] = ['GONE', 'ONLINE', 'OFFLINE'];

export class Registrations {
  readonly #now: () => number;
  readonly #nodeIds: readonly string[];
  readonly #users = new NumberBlocks();
  readonly #listed = new SlotOrder();
  readonly #frozen = new Map<string, FrozenListing>();
  /** What happened at frozen nodes; seen once they are in sync again. */
  readonly #unseen = new Map<number, Presence>();
  readonly #flapping = new Map<number, { fromReads: boolean }>();
  #presence = new Uint8Array(1024);
  #node = new Uint8Array(1024);
  #changedAt = new Float64Array(1024);
  #count = 0;
  /** Registrations looked at to answer listings so far: what a page costs. */
  examined = 0;

  constructor(nodeIds: readonly string[], now: () => number) {
    if (nodeIds.length === 0 || nodeIds.length > 250) throw new RangeError('There must be 1 to 250 nodes.');
    this.#nodeIds = nodeIds;
    this.#now = now;
  }

  /** Slots given so far. */
  get slots(): number {
    return this.#count;
  }

  /** How many are listed. */
  get listed(): number {
    return this.#listed.length;
  }

  /**
   * Registers consecutive numbers, at one node or at all in turn.
   * @throws RangeError for a number that is none or a node that does not exist
   */
  seed(count: number, block: { firstNumber: string; nodeId?: string }): void {
    if (!Number.isInteger(count) || count < 1 || count > 4_000_000)
      throw new RangeError('count must be a whole number from 1 to 4000000.');
    const nodes = block.nodeId === undefined ? this.#nodeIds : [block.nodeId];
    const indexes = nodes.map((nodeId) => this.#nodeIndex(nodeId));
    this.#users.addBlock(this.#count, count, block.firstNumber);
    this.#reserve(this.#count + count);
    for (let index = 0; index < count; index += 1) this.#open(indexes[index % indexes.length] ?? 0);
  }

  /** Registers a user part at a node; the same one again brings that registration back. */
  register(user: string, nodeId: string): number {
    const node = this.#nodeIndex(nodeId);
    const known = this.#users.slotsOf(user).find((slot) => this.#node[slot] === node);
    if (known !== undefined) {
      this.set(known, 'ONLINE');
      return known;
    }
    this.#reserve(this.#count + 1);
    this.#users.addSingle(this.#count, user);
    return this.#open(node);
  }

  /** Changes a registration, or what will be seen of it once its node is in sync again. */
  set(slot: number, presence: Presence): void {
    if (this.#frozen.has(this.#nodeIdOf(slot))) this.#unseen.set(slot, presence);
    else this.#apply(slot, presence);
  }

  /** The same for many; one pass over the listing however many they are. */
  setAll(slots: Iterable<number>, presence: Presence): void {
    for (const slot of slots) {
      if (this.#frozen.has(this.#nodeIdOf(slot))) this.#unseen.set(slot, presence);
      else this.#mark(slot, presence);
    }
    this.#relist();
  }

  slotsOf(user: string): number[] {
    return this.#users.slotsOf(user);
  }

  /** The registration as it is shown, listed or not; undefined when it is gone or was never there. */
  read(slot: number): Registration | undefined {
    const state = this.#state(slot);
    if (state === 'GONE' || this.#flapping.get(slot)?.fromReads) return undefined;
    if (this.#frozen.get(this.#nodeIdOf(slot)) === 'missing') return undefined;
    return this.#registration(slot, state);
  }

  /** A page of the listing in order of slots. Without a filter it looks at the page only. */
  page(
    offset: number,
    limit: number,
    filter: RegistrationFilter = {},
  ): { registrations: Registration[]; total: number } {
    if (filter.nodeId === undefined && filter.user === undefined && filter.state === undefined) {
      const registrations = Array.from(this.#listed.slice(offset, limit), (slot) => this.#examine(slot));
      return { registrations, total: this.#listed.length };
    }
    const candidates =
      filter.user === undefined ? this.#listed.slice(0, this.#listed.length) : this.#users.slotsOf(filter.user);
    const registrations: Registration[] = [];
    let total = 0;
    for (const slot of candidates) {
      this.examined += 1;
      if (!this.#isListed(slot) || !this.#matches(slot, filter)) continue;
      if (total >= offset && registrations.length < limit) registrations.push(this.#examine(slot));
      total += 1;
    }
    return { registrations, total };
  }

  /** Listed slots by their places. */
  listedSlots(offset: number, count: number): number[] {
    return [...this.#listed.slice(offset, count)];
  }

  /** Lowest slots that are gone. */
  goneSlots(count: number): number[] {
    const gone: number[] = [];
    for (let slot = 0; slot < this.#count && gone.length < count; slot += 1)
      if (this.#state(slot) === 'GONE') gone.push(slot);
    return gone;
  }

  freeze(nodeId: string, listing: FrozenListing): void {
    this.#nodeIndex(nodeId);
    this.#frozen.set(nodeId, listing);
    this.#relist();
  }

  thaw(nodeId: string): void {
    if (!this.#frozen.delete(nodeId)) return;
    for (const [slot, presence] of this.#unseen) {
      if (this.#nodeIdOf(slot) !== nodeId) continue;
      this.#unseen.delete(slot);
      this.#mark(slot, presence);
    }
    this.#relist();
  }

  /** Leaves a registration out of listings until `endFlaps`. */
  flap(slot: number, fromReads: boolean): void {
    this.#flapping.set(slot, { fromReads });
    this.#list(slot);
  }

  endFlaps(): void {
    const slots = [...this.#flapping.keys()];
    this.#flapping.clear();
    for (const slot of slots) this.#list(slot);
  }

  #open(node: number): number {
    const slot = this.#count;
    this.#count += 1;
    this.#node[slot] = node;
    this.#changedAt[slot] = this.#now();
    this.set(slot, 'ONLINE');
    return slot;
  }

  #apply(slot: number, presence: Presence): void {
    if (this.#mark(slot, presence)) this.#list(slot);
  }

  #mark(slot: number, presence: Presence): boolean {
    const value = PRESENCES.indexOf(presence);
    if (this.#presence[slot] === value) return false;
    this.#presence[slot] = value;
    this.#changedAt[slot] = this.#now();
    return true;
  }

  #list(slot: number): void {
    if (this.#isListed(slot)) this.#listed.add(slot);
    else this.#listed.remove(slot);
  }

  #relist(): void {
    this.#listed.rebuild(this.#count, (slot) => this.#isListed(slot));
  }

  #isListed(slot: number): boolean {
    return (
      this.#state(slot) !== 'GONE' && !this.#flapping.has(slot) && this.#frozen.get(this.#nodeIdOf(slot)) !== 'missing'
    );
  }

  #matches(slot: number, filter: RegistrationFilter): boolean {
    if (filter.nodeId !== undefined && this.#nodeIdOf(slot) !== filter.nodeId) return false;
    return filter.state === undefined || this.#state(slot) === filter.state;
  }

  #examine(slot: number): Registration {
    this.examined += 1;
    const state = this.#state(slot);
    if (state === 'GONE') throw new Error(`Slot ${slot} is listed and gone.`);
    return this.#registration(slot, state);
  }

  #registration(slot: number, state: RegistrationState): Registration {
    return {
      slot,
      user: this.#users.userOf(slot),
      nodeId: this.#nodeIdOf(slot),
      state,
      changedAt: this.#changedAt[slot] ?? 0,
    };
  }

  #state(slot: number): Presence {
    return (slot >= 0 && slot < this.#count ? PRESENCES[this.#presence[slot] ?? 0] : undefined) ?? 'GONE';
  }

  #nodeIdOf(slot: number): string {
    return this.#nodeIds[this.#node[slot] ?? 0] ?? '';
  }

  #nodeIndex(nodeId: string): number {
    const index = this.#nodeIds.indexOf(nodeId);
    if (index === -1) throw new RangeError(`There is no node ${nodeId}.`);
    return index;
  }

  #reserve(slots: number): void {
    if (slots <= this.#presence.length) return;
    const capacity = Math.max(slots, this.#presence.length * 2);
    const grown = {
      presence: new Uint8Array(capacity),
      node: new Uint8Array(capacity),
      at: new Float64Array(capacity),
    };
    grown.presence.set(this.#presence);
    grown.node.set(this.#node);
    grown.at.set(this.#changedAt);
    this.#presence = grown.presence;
    this.#node = grown.node;
    this.#changedAt = grown.at;
  }
}
