/** Reading from the owners of the numbers and of what uses them, who may be away for a while. */
import type { AuditJob } from './audit-job.js';

/** Milliseconds a source may be away. */
const PATIENCE = 5 * 60_000;
/** Milliseconds between two tries. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 15_000;

/** Thrown when a source could not be read for too long; the message is for administrators. */
export class SourceUnavailable extends Error {}

/**
 * What a source answers, tried again while it does not.
 * @throws SourceUnavailable after five minutes; whatever it was when the job is aborted meanwhile
 */
export async function ask<T>(
  job: Pick<AuditJob, 'context' | 'signal'>,
  what: string,
  call: () => Promise<T>,
): Promise<T> {
  const { clock } = job.context;
  let since: number | undefined;
  return untilAnswered(job.context, job.signal, what, call, (error) => {
    since ??= clock.monotonic();
    if (clock.monotonic() - since < PATIENCE) return;
    const message = `${what} could not be read for ${PATIENCE / 60_000} minutes; what was done until then stays.`;
    throw new SourceUnavailable(message, { cause: error });
  });
}

/** The same without an end: for what may have been done although no answer came. */
export async function untilAnswered<T>(
  { clock, logger }: AuditJob['context'],
  signal: AbortSignal,
  what: string,
  call: () => Promise<T>,
  onFailure: (error: unknown) => void = () => undefined,
): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (signal.aborted) throw error;
      onFailure(error);
      logger.warn({ err: error, source: what, pause }, 'a source of an audit does not answer; it is asked again');
      await clock.sleep(pause, signal);
    }
  }
}
