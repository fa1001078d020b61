/**
 * The macro that bounds what one sync may remove ("Pull Sync Delete Threshold"). A registered user that says it is offline is updated, not removed, so it
 * does not count.
 */
import type { SyncJob } from './job.js';

const MACRO = 'PULL_SYNC_DELETE_THRESHOLD_AUDIOCODES';
const TRIES = 3;
const PAUSE = 500;

/** Thrown when a run would remove more than the threshold allows. */
export class DeleteThresholdExceeded extends Error {}

/** Thrown when nobody can tell what the threshold is. */
export class DeleteThresholdUnreadable extends Error {}

/**
 * The threshold in force at the connection's node; undefined when none is set.
 * @throws DeleteThresholdUnreadable when number-inventory cannot be asked or answers with no number, so that nobody is removed by mistake
 */
export async function readDeleteThreshold({ context, connection, signal }: SyncJob): Promise<number | undefined> {
  for (let tried = 1; ; tried += 1) {
    signal.throwIfAborted();
    try {
      return parse(await context.effectiveMacro(connection.node, MACRO));
    } catch (error) {
      if (error instanceof DeleteThresholdUnreadable) throw error;
      context.logger.warn({ err: error, connection: connection.id, tried }, 'the delete threshold could not be read');
      if (tried >= TRIES)
        throw new DeleteThresholdUnreadable(
          `How many registered users a sync may remove (${MACRO}) could not be read from number-inventory. Nobody was removed.`,
        );
      await context.clock.sleep(PAUSE * tried, signal);
    }
  }
}

function parse(value: string | undefined): number | undefined {
  if (value === '') return undefined;
  if (value !== undefined && /^\d{1,8}$/.test(value)) return Number(value);
  const what = value === undefined ? 'is not known for the node of the connection' : 'is not a whole number';
  throw new DeleteThresholdUnreadable(`The macro ${MACRO} ${what}. Nobody was removed.`);
}

/**
 * Call before the first removal. What a run removed before its process died counts as well.
 * @throws DeleteThresholdExceeded
 */
export function checkDeleteThreshold({ writer }: SyncJob, confirmed: number, threshold: number | undefined): void {
  const { removed } = writer.run.progress;
  if (threshold === undefined || removed + confirmed <= threshold) return;
  const before = removed === 0 ? 'none was removed' : `${removed} were before its process died, no more are`;
  throw new DeleteThresholdExceeded(
    `The run would remove ${removed + confirmed} registered users, and the macro ${MACRO} allows ${threshold}: ${before}. Raise it, or purge, if they are gone.`,
  );
}
