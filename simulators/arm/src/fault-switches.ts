/** Which faults are switched on, and which of them strike a call. */
import type { Call, FaultKind, FaultParameters } from './fault-kind.js';
import { FAULT_KINDS, isFaultName } from './faults.js';
import type { Fault } from './faults.js';

export interface SwitchedFault extends Fault {
  readonly id: number;
  /** Strikes so far. */
  readonly struck: number;
}

/** A fault that strikes the call at hand, with its row. */
export interface Strike {
  readonly fault: Fault;
  readonly kind: FaultKind;
}

export class FaultSwitches {
  readonly #on = new Map<number, { fault: Fault; struck: number }>();
  #lastId = 0;

  /** @throws RangeError when the fault is not one of the table or is not of its form */
  on(fault: Fault): number {
    const checked = parseFault(fault);
    const row = FAULT_KINDS[checked.kind];
    this.#lastId += 1;
    this.#on.set(this.#lastId, {
      fault: {
        ...(row.onPage !== undefined && { onPage: row.onPage }),
        ...(row.times !== undefined && { times: row.times }),
        ...checked,
      },
      struck: 0,
    });
    return this.#lastId;
  }

  /** @returns whether it was on */
  off(id: number): boolean {
    return this.#on.delete(id);
  }

  clear(): void {
    this.#on.clear();
  }

  list(): SwitchedFault[] {
    return Array.from(this.#on, ([id, { fault, struck }]) => ({ id, ...fault, struck }));
  }

  /** Those that strike this call; each is counted, and switched off after its last time. */
  strike(call: Call): Strike[] {
    const strikes: Strike[] = [];
    for (const [id, entry] of this.#on) {
      const kind = FAULT_KINDS[entry.fault.kind];
      if (!isStruck(entry.fault, kind, call)) continue;
      strikes.push({ fault: entry.fault, kind });
      entry.struck += 1;
      if (entry.struck === entry.fault.times) this.#on.delete(id);
    }
    return strikes;
  }
}

function isStruck(fault: Fault, kind: FaultKind, call: Call): boolean {
  if (kind.strikes === 'listing' && call.page === undefined) return false;
  if (fault.onPage !== undefined && fault.onPage !== call.page) return false;
  return kind.applies?.(call) ?? true;
}

const WHOLE: readonly (keyof FaultParameters)[] = ['status', 'retryAfter', 'milliseconds', 'bytes', 'items', 'count'];
const CHOICES: Readonly<Partial<Record<keyof FaultParameters, readonly unknown[]>>> = {
  change: ['drop', 'return'],
  answer: ['empty', '404'],
  reads: [true, false],
};

/** @throws RangeError with a sentence that names what is wrong */
export function parseFault(given: unknown): Fault {
  if (typeof given !== 'object' || given === null) throw new RangeError('A fault is an object with a kind.');
  const { kind, ...rest } = given as Record<string, unknown>;
  if (!isFaultName(kind)) throw new RangeError(`kind must be one of ${Object.keys(FAULT_KINDS).join(', ')}.`);
  const row = FAULT_KINDS[kind];
  const known = ['onPage', 'times', ...Object.keys(row.parameters)];
  for (const [name, value] of Object.entries(rest)) {
    if (!known.includes(name)) throw new RangeError(`${kind} knows no ${name}; it knows ${known.join(', ')}.`);
    const problem = problemOf(name as keyof FaultParameters | 'onPage' | 'times', value);
    if (problem) throw new RangeError(`${name} must be ${problem}.`);
  }
  return { ...rest, kind };
}

function problemOf(name: keyof FaultParameters | 'onPage' | 'times', value: unknown): string | undefined {
  if (name === 'onPage' || name === 'times')
    return Number.isInteger(value) && Number(value) >= 1 ? undefined : 'a whole number from 1';
  if (name === 'by') return Number.isInteger(value) ? undefined : 'a whole number';
  if (name === 'status') {
    return Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599 ? undefined : 'from 400 to 599';
  }
  if (WHOLE.includes(name)) return Number.isInteger(value) && Number(value) >= 0 ? undefined : 'a whole number from 0';
  const choices = CHOICES[name];
  if (choices) return choices.includes(value) ? undefined : `one of ${choices.join(', ')}`;
  return typeof value === 'string' ? undefined : 'text';
}
