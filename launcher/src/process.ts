/** What every long-running program of the launcher does with its process. */
import type { Logger } from '@numberyard/kit/logging/logger';

/** End with a sentence. @param code 1: it failed; 2: it was called wrongly */
export function fail(message: string, code = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

/** Keep files to their owner, and send what nobody caught through the redaction of the log before the process ends. */
export function guardProcess(logger: Logger): void {
  // Whatever is written holds customers' data, also where the data folder itself was made by somebody else.
  process.umask(0o077);
  for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(fault, (error) => {
      logger.fatal({ err: error }, 'Numberyard ends: an error nobody expected');
      process.exit(1);
    });
  }
}

/** On SIGINT or SIGTERM stop well and exit 0; a second SIGINT exits at once. */
export function stopOnSignal(stop: () => Promise<void>, told: () => void): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) {
        if (signal === 'SIGINT') fail('Stopped at once.', 130);
        return;
      }
      stopping = true;
      told();
      void stop().then(() => process.exit(0));
    });
  }
}
