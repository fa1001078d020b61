import type { Actor, NewEvent } from '@numberyard/kit/log/event';
import type { Instant } from '@numberyard/kit/storage/port';
import { entity, event, type AuditEvents } from '@numberyard/schema/events';
import type { AuditRun } from '../domain/audit-run.js';

export function auditRunUpdated(
  run: AuditRun,
  change: AuditEvents['AuditRunUpdated']['change'],
  actor: Actor,
  time: Instant,
): NewEvent {
  const fields = { run: run.id, customer: run.customer, change, state: run.state };
  return event('AuditRunUpdated', fields, {
    retention: 'passing',
    entity: entity.auditRun(run.id),
    path: run.path,
    actor,
    cause: `audit:${run.id}`,
    time,
  });
}
