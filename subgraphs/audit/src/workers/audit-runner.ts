import { Loop } from '@numberyard/kit/workers/loop';
import type { CommandContext } from '../commands/context.js';
import { executeNextAudit } from '../commands/run/execute-audit.js';
import type { WorkerParts } from './parts.js';

/** Audits carried out at the same time, over all processes together. */
const LANES = 2;

/** Carries out the audits in the queue: each lane is a loop under its own lease, so an audit in a lane nobody works in is one whose process died. */
export class AuditRunner {
  readonly #lanes: readonly Loop[];

  constructor(context: CommandContext, workers: WorkerParts) {
    this.#lanes = Array.from(
      { length: LANES },
      (_, index) =>
        new Loop({
          ...workers,
          name: `audit.${index + 1}`,
          step: async (step) => ((await executeNextAudit(context, index + 1, step)) ? 0 : undefined),
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

  /** An audit was queued. */
  ring(): void {
    for (const lane of this.#lanes) lane.ring();
  }

  async drain(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.drain()));
  }
}
