import { Lanes } from '@numberyard/kit/workers/lanes';
import type { CommandContext } from '../commands/context.js';
import { executeNextRun } from '../commands/sync/execute-run.js';
import type { WorkerParts } from './parts.js';

/** Runs carried out at the same time, over all processes together. */
const LANES = 4;

/** Carries out the runs in the queue. */
export function syncRunner(context: CommandContext, workers: WorkerParts): Lanes {
  return new Lanes({
    ...workers,
    name: 'sync',
    lanes: LANES,
    work: (lane, step) => executeNextRun(context, lane, step),
  });
}
