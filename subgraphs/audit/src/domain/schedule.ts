import type { Doc, Instant } from '@numberyard/kit/storage/port';
import type { AuditLevel } from './audit-run.js';

/** When a customer is audited by itself. Id: the customer's. */
export interface AuditSchedule extends Doc {
  readonly path: string;
  readonly ancestors: readonly string[];
  readonly cron: string;
  readonly timeZone: string;
  readonly enabled: boolean;
  readonly level: AuditLevel;
  /** Absent: all. */
  readonly sites?: readonly string[];
  readonly dryRun: boolean;
  /** Absent while it is disabled. */
  readonly nextRunAt?: Instant;
  readonly lastRunAt?: Instant;
}
