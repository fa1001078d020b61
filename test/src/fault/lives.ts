/** What may follow what in the log: an event that is doubled or missing breaks the chain of its number. */
import type { LoggedEvent } from '@numberyard/kit/log/event';

/** The statuses a number may have before each event; `NONE`: it was not there. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  NumberAdded: ['NONE'],
  NumberUsed: ['AVAILABLE'],
  NumberCoolingStarted: ['USED', 'USED_UTILITY', 'RESERVED'],
  NumberReturned: ['COOLING'],
  NumberReleased: ['COOLING'],
  NumberFreed: ['USED', 'USED_UTILITY'],
  NumberReserved: ['AVAILABLE'],
  NumberUnreserved: ['RESERVED'],
  NumberDeleted: ['AVAILABLE'],
};

/** Reads a number inventory's log in order. */
export class Lives {
  readonly #status = new Map<string, string>();

  /** Why an event cannot follow what came before of its number, if so. */
  problem(event: LoggedEvent): string | undefined {
    const before = this.#status.get(event.entity) ?? 'NONE';
    const allowed = BEFORE[event.type];
    if (!event.entity.startsWith('InventoryNumber:')) return undefined;
    this.#status.set(event.entity, event.type === 'NumberDeleted' ? 'NONE' : String(event.fields['status']));
    if (!allowed || allowed.includes(before)) return undefined;
    return `${event.type} at ${event.position} follows ${before} of ${event.entity}`;
  }
}
