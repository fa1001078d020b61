import { Loop } from '@numberyard/kit/workers/loop';
import type { CommandContext } from '../commands/context.js';
import { executeNextRun } from '../commands/sync/execute-run.js';
import type { WorkerParts } from './parts.js';

/** Runs carried out at the same time, over all processes together. */
const LANES = 4;

/** Carries out the runs in the queue: each lane is a loop under its own lease, so a run in a lane nobody works in is one whose process died. */
export class SyncRunner {
  readonly #lanes: readonly Loop[];

  constructor(context: CommandContext, workers: WorkerParts) {
    this.#lanes = Array.from(
      { length: LANES },
      (_, index) =>
        new Loop({
          ...workers,
          name: `sync.${index + 1}`,
          step: async (step) => ((await executeNextRun(context, index + 1, step)) ? 0 : undefined),
        }),
    );
  }

  start(): void {
    for (const lane of this.#lanes) lane.start();
  }

  /** The problem that keeps a lane from going on, if there is one. */
  get failing(): Error | undefined {
    return this.#lanes.find((lane) => lane.failing)?.failing;
  }

  /** A run was queued. */
  ring(): void {
    for (const lane of this.#lanes) lane.ring();
  }

  async drain(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.drain()));
  }
}
