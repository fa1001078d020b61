/** Trying again what a rival or a missing primary prevented, for a bounded time. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../port.js';
import { isDuplicate, isOfServer, type Trouble, troubleOf } from './errors.js';

/** How long what is asked of the database is tried, milliseconds: longer than a set with `electionTimeoutMillis` 2000 or 10000 needs for a new primary. */
export const COMMIT_TERM = 20_000;
export const READ_TERM = 12_000;

/** Longest pause after which one of several rivals tries again; the first are a few milliseconds. */
const RIVAL_PAUSE = 100;
const AWAY_PAUSE = 150;

/**
 * What all operations of one store know together: since when the database is away. Long after that nobody waits any more, so that a long outage is
 * answered at once.
 */
export class Patience {
  readonly #tell: (error: unknown) => StoreError;
  #isEnded = false;
  #awaySince: number | undefined;

  /** @param tell makes a sentence of what keeps the database away */
  constructor(tell: (error: unknown) => StoreError) {
    this.#tell = tell;
  }

  /** From now on nothing waits for a database that is away. */
  end(): void {
    this.#isEnded = true;
  }

  /**
   * Try until it answers, fails for good or the term is over.
   * @param attempt is given the time, of this process's monotonic clock, at which the term is over
   * @throws StoreError UNAVAILABLE when the term is over, else what the attempt threw
   */
  async persist<T>(
    term: number,
    attempt: (until: number) => Promise<T>,
    judge: (error: unknown) => Trouble | undefined = troubleOf,
  ): Promise<T> {
    const begun = performance.now();
    for (let tried = 1; ; tried += 1) {
      try {
        const answer = await attempt(begun + term);
        this.#awaySince = undefined;
        return answer;
      } catch (error) {
        const trouble = judge(error);
        if (!trouble) throw error;
        if (trouble === 'AWAY') this.#awaySince ??= performance.now();
        const since = Math.min(begun, this.#awaySince ?? begun);
        if (performance.now() - since > term || (trouble === 'AWAY' && this.#isEnded))
          throw trouble === 'AWAY' ? this.#tell(error) : busy(error);
        await this.pause(trouble, tried);
      }
    }
  }

  /** Random, so that rivals do not meet again. */
  async pause(trouble: Trouble, tried: number): Promise<void> {
    const longest = trouble === 'AWAY' ? AWAY_PAUSE : Math.min(RIVAL_PAUSE, 4 * 2 ** Math.min(tried, 5));
    await delay(1 + Math.random() * longest);
  }
}

/** Duplicate values a transaction ran into, although it had found none: somebody came in between, but not every time. */
const DUPLICATES = 5;

/**
 * A judge for transactions that read what they are about to write.
 * @param mayBeApplied whether an earlier attempt may have been applied. Then nothing may be given up for what stands in the way: a new primary has the
 *   attempt's writes before it knows them to be durable, so the next attempt does not see them and yet runs into them.
 */
export function judgeOfTransactions(mayBeApplied = () => false): (error: unknown) => Trouble | undefined {
  let duplicates = 0;
  return (error) => {
    if (!isDuplicate(error)) return troubleOf(error) ?? (mayBeApplied() && isOfServer(error) ? 'RIVAL' : undefined);
    duplicates += 1;
    return duplicates <= DUPLICATES || mayBeApplied() ? 'RIVAL' : undefined;
  };
}

function busy(cause: unknown): StoreError {
  return new StoreError(
    'UNAVAILABLE',
    'The database is too busy: others were in the way every time. Try again later.',
    {
      cause,
    },
  );
}
