export const AUDIT_LEVELS = ['CUSTOMER', 'SITE'] as const;
export type AuditLevel = (typeof AUDIT_LEVELS)[number];

export const AUDIT_RUN_STATES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type AuditRunState = (typeof AUDIT_RUN_STATES)[number];

/** One run of Audit Number Inventory, as its document keeps it. Instants are `YYYY-MM-DDTHH:mm:ss.sssZ`. */
export interface AuditRun {
  readonly id: string;
  readonly version: number;
  /** Id of the customer's hierarchy node. */
  readonly customer: string;
  /** Ids of that node and of all above it, from the root down: it is found at each of them. */
  readonly ancestors: readonly string[];
  readonly level: AuditLevel;
  readonly dryRun: boolean;
  readonly state: AuditRunState;
  /** When it was asked for; what runs are ordered by. */
  readonly queuedAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}
