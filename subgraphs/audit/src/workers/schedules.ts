import { Loop } from '@numberyard/kit/workers/loop';
import type { CommandContext } from '../commands/context.js';
import { runDueSchedules } from '../commands/run-due-schedules.js';
import type { WorkerParts } from './parts.js';

/** A schedule changed by another process, and a wall clock that was set, are noticed after so many milliseconds. */
const LOOK = 5_000;

/** Queues the audits of schedules when they are due. */
export function scheduleLoop(context: CommandContext, workers: WorkerParts): Loop {
  return new Loop({
    ...workers,
    name: 'schedules',
    step: async ({ lease }) => Math.min((await runDueSchedules(context, lease)) ?? LOOK, LOOK),
  });
}
