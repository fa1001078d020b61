import type { AuditSchedule } from '../domain/schedule.js';

export const scheduleResolvers = {
  AuditSchedule: {
    customer: ({ id }: AuditSchedule) => ({ id }),
    sites: ({ sites }: AuditSchedule) => sites?.map((id) => ({ id })),
  },
};
