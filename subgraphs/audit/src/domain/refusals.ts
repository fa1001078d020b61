import type { Refusal } from '@numberyard/kit/graph/refusal';

/** Codes of the refusals of this subgraph; the contract lists them for clients. */
export type RefusalCode =
  | 'INVALID'
  | 'OUT_OF_RANGE'
  | 'REQUIRED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'WRONG_NODE_TYPE'
  | 'NUMBER_MANAGEMENT_OFF'
  | 'DIAL_PLAN'
  | 'DUPLICATE_SITE'
  | 'FOREIGN_SITE'
  | 'AUDIT_ACTIVE'
  | 'AUDIT_ENDED'
  | 'NOT_APPLICABLE'
  | 'IDEMPOTENCY_KEY_REUSED';

export type AuditRefusal = Refusal<RefusalCode>;

/** What does not exist and what the caller may not see are told the same. */
export function notFound(what: string, field: string): AuditRefusal {
  return { code: 'NOT_FOUND', message: `There is no such ${what}.`, field };
}
