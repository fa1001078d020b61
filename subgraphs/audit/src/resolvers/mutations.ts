import { applyAudit } from '../commands/apply-audit.js';
import { cancelAudit } from '../commands/cancel-audit.js';
import { startAudit } from '../commands/start-audit.js';
import { updateAuditSchedule } from '../commands/update-audit-schedule.js';
import type { AuditRun } from '../domain/audit-run.js';
import { mutation } from './mutation.js';

const showRun = (auditRun: AuditRun) => ({ auditRun });

export const mutations = {
  startAudit: mutation(startAudit, showRun),
  applyAudit: mutation(applyAudit, showRun),
  cancelAudit: mutation(cancelAudit, showRun),
  updateAuditSchedule: mutation(updateAuditSchedule, (auditSchedule) => ({ auditSchedule })),
};
