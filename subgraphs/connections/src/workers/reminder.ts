import { Loop } from '@numberyard/kit/workers/loop';
import type { CommandContext } from '../commands/context.js';
import { remindApplying } from '../commands/remind-applying.js';
import type { WorkerParts } from './parts.js';

const EVERY = 60_000;

/** Reminds number-inventory of the runs that wait for it, at the start and once a minute. */
export function reminderLoop(context: CommandContext, workers: WorkerParts): Loop {
  return new Loop({
    ...workers,
    name: 'reminder',
    everyMs: EVERY,
    step: ({ lease }) => remindApplying(context, lease),
  });
}
