/** What was gone through since the last commit. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { MOST_CORRECTED } from '@numberyard/schema/internal';
import type { AuditCounts, ListingPositions } from '../../domain/audit-run.js';
import { NO_COUNTS, type Passed } from '../../domain/run-life.js';

/** A number to be handed over. */
export interface Candidate {
  readonly number: string;
  readonly mark: string | null;
}

/**
 * Services of one batch, which is kept as one document: a batch with more ends early. The last number comes on top, with a thousand at most, and with the longest
 * names both together fill what a document may have.
 */
const MOST_SERVICES = 500;

/** A stretch ends after so many milliseconds, or so much that was gone through: that much is done again after a kill. */
const LONGEST = 2_000;
const MOST = 20_000;

export class Stretch implements Passed {
  readonly #clock: Clock;
  readonly #begun: number;
  readonly candidates: Candidate[] = [];
  upTo?: string;
  positions?: ListingPositions;
  compared = 0;
  #services = 0;
  #unchanged = 0;
  #skipped = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begun = clock.monotonic();
  }

  get counts(): AuditCounts {
    return { ...NO_COUNTS, unchanged: this.#unchanged, skipped: this.#skipped };
  }

  /** @param services how many of the customer's services use the number */
  propose(candidate: Candidate, services: number): void {
    this.candidates.push(candidate);
    this.#services += services;
  }

  pass(upTo: string, counted?: 'unchanged' | 'skipped'): void {
    this.upTo = upTo;
    this.compared += 1;
    if (counted === 'unchanged') this.#unchanged += 1;
    else if (counted === 'skipped') this.#skipped += 1;
  }

  /** Whether no more candidates go into one batch. */
  get isFull(): boolean {
    return this.candidates.length >= MOST_CORRECTED || this.#services >= MOST_SERVICES;
  }

  /** Whether it is time to write how far the run has come. */
  get isLong(): boolean {
    return this.compared >= MOST || (this.compared > 0 && this.#clock.monotonic() - this.#begun >= LONGEST);
  }
}
