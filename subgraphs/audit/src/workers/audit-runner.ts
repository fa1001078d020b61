import { Lanes } from '@numberyard/kit/workers/lanes';
import type { CommandContext } from '../commands/context.js';
import { executeNextAudit } from '../commands/run/execute-audit.js';
import type { WorkerParts } from './parts.js';

/** Audits carried out at the same time, over all processes together. */
const LANES = 2;

/** Carries out the audits in the queue. */
export function auditRunner(context: CommandContext, workers: WorkerParts): Lanes {
  return new Lanes({
    ...workers,
    name: 'audit',
    lanes: LANES,
    work: (lane, step) => executeNextAudit(context, lane, step),
  });
}
