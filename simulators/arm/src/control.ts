/** What the person at the routing manager does: devices, nodes, faults, certificate, sessions. */
import { startComingAndGoing } from './coming-and-going.js';
import type { ComingAndGoing, Every } from './coming-and-going.js';
import { FaultSwitches } from './fault-switches.js';
import type { Fault } from './faults.js';
import { changeNode, nodeRecord } from './nodes.js';
import type { NodeChange } from './nodes.js';
import type { RoutingManagerState } from './northbound.js';
import { recordIdOf, registeredUserRecord, slotOf } from './registered-user.js';
import type { FrozenListing, Presence } from './registrations.js';
import type { NodeRecord, RegisteredUserRecord } from './wire.js';

export class RoutingManagerControl {
  readonly faults = new FaultSwitches();
  readonly #state: RoutingManagerState;
  readonly #every: Every;
  readonly #renewCertificate: () => Promise<string>;
  #stopComingAndGoing: (() => void) | undefined;

  constructor(state: RoutingManagerState, every: Every, renewCertificate: () => Promise<string>) {
    this.#state = state;
    this.#every = every;
    this.#renewCertificate = renewCertificate;
  }

  /** Registers many devices with consecutive numbers, at one node or at all in turn. */
  seed(count: number, block: { firstNumber: string; nodeId?: string }): void {
    this.#state.registrations.seed(count, block);
  }

  /**
   * Registers a device: any user part, so also a number without plus or a name. The same one at another node is the same address of
   * record twice. @returns the id of the record
   */
  register(user: string, nodeId = this.#firstNode()): string {
    return recordIdOf(this.#state.registrations.register(user, nodeId));
  }

  /** The device is gone without a trace. @returns how many records it was (one for every node it is registered at) */
  drop(numberOrId: string): number {
    return this.#set(numberOrId, 'GONE');
  }

  /** The device is offline; its record says so. */
  takeOffline(numberOrId: string): number {
    return this.#set(numberOrId, 'OFFLINE');
  }

  /** The device is online again, whether it was offline or gone. */
  bringBack(numberOrId: string): number {
    return this.#set(numberOrId, 'ONLINE');
  }

  dropAll(): void {
    const { registrations } = this.#state;
    registrations.setAll(registrations.listedSlots(0, registrations.listed), 'GONE');
  }

  /** Registered users as they are listed. */
  list(offset = 0, limit = 100): { items: RegisteredUserRecord[]; total: number } {
    const { registrations, total } = this.#state.registrations.page(offset, limit);
    return { items: registrations.map((registration) => registeredUserRecord(registration, this.#state)), total };
  }

  /** Registrations looked at to answer listings so far. */
  get examined(): number {
    return this.#state.registrations.examined;
  }

  nodes(): NodeRecord[] {
    return Array.from(this.#state.nodes.values(), nodeRecord);
  }

  /**
   * @param listing how its users look meanwhile: as they were, or missing
   * @throws RangeError when there is no such node
   */
  changeNode(id: string, change: NodeChange, listing?: FrozenListing): NodeRecord {
    const node = this.#state.nodes.get(id);
    if (!node) throw new RangeError(`There is no node ${id}.`);
    changeNode(node, change, this.#state.registrations, listing);
    return nodeRecord(node);
  }

  /** @returns the id it is switched off by */
  fault(fault: Fault): number {
    return this.faults.on(fault);
  }

  clearFaults(): void {
    this.faults.clear();
    this.#state.registrations.endFlaps();
  }

  expireSessions(): void {
    this.#state.sessions.expireAll();
  }

  /**
   * Takes a new self-signed certificate for all connections from now on.
   * @returns its SHA-256 fingerprint
   * @throws RangeError without TLS
   */
  changeCertificate(): Promise<string> {
    return this.#renewCertificate();
  }

  startComingAndGoing(options: ComingAndGoing): void {
    this.stopComingAndGoing();
    this.#stopComingAndGoing = startComingAndGoing(this.#state.registrations, options, this.#every);
  }

  stopComingAndGoing(): void {
    this.#stopComingAndGoing?.();
    this.#stopComingAndGoing = undefined;
  }

  #set(numberOrId: string, presence: Presence): number {
    const { registrations } = this.#state;
    const slots = registrations.slotsOf(numberOrId);
    const byId = slots.length === 0 ? slotOf(numberOrId) : undefined;
    if (byId !== undefined && byId < registrations.slots) slots.push(byId);
    for (const slot of slots) registrations.set(slot, presence);
    return slots.length;
  }

  #firstNode(): string {
    return this.#state.nodes.keys().next().value ?? '';
  }
}
