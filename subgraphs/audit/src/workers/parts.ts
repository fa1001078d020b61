import type { Clock } from '@numberyard/kit/clock/clock';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Leases } from '@numberyard/kit/workers/leases';

/** What every loop is made of. */
export interface WorkerParts {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
}
