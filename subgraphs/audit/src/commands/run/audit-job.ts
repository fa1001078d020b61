import type { AuditScope } from '../../domain/compare.js';
import type { CommandContext } from '../context.js';
import type { AuditWriter } from './audit-writer.js';

/** An audit as it is being carried out. */
export interface AuditJob {
  readonly context: CommandContext;
  readonly writer: AuditWriter;
  /** Aborted when the audit was cancelled or the process is to end. */
  readonly signal: AbortSignal;
  /** Aborted when the process is to end only: corrections on their way are waited for, cancelled or not. */
  readonly draining: AbortSignal;
}

/** One whose customer was looked at. */
export interface ScopedJob extends AuditJob {
  readonly scope: AuditScope;
}
