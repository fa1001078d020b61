import { decide } from '@numberyard/kit/commands/decide';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { checkTiming, nextDue } from '@numberyard/kit/schedule/timing';
import { save, type Instant } from '@numberyard/kit/storage/port';
import { ancestorsOf } from '@numberyard/kit/hierarchy/node';
import type { HierarchyNodeFields } from '@numberyard/schema/events';
import type { AuditLevel } from '../domain/audit-run.js';
import { notFound, type AuditRefusal, type RefusalCode } from '../domain/refusals.js';
import type { AuditSchedule } from '../domain/schedule.js';
import { auditSchedules } from '../models/audit-schedules.js';
import { checkCustomer, checkSites, hasSiteCodes } from './check-audit.js';
import { nowOf, type CommandContext } from './context.js';
import { stored } from './queue-audit.js';

/** Absent fields stay as they are, and null says the same but of sites. */
export interface UpdateAuditScheduleInput {
  readonly customer: string;
  readonly cron?: string | null;
  readonly timeZone?: string | null;
  readonly enabled?: boolean | null;
  readonly level?: AuditLevel | null;
  /** Null: all. */
  readonly sites?: readonly string[] | null;
  readonly dryRun?: boolean | null;
}

type Settings = Pick<AuditSchedule, 'cron' | 'timeZone' | 'enabled' | 'level' | 'sites' | 'dryRun'>;

/** Set when a customer is audited by itself; with other times its next run is computed from now. */
export async function updateAuditSchedule(
  context: CommandContext,
  identity: Identity,
  input: UpdateAuditScheduleInput,
): Promise<Outcome<AuditSchedule, RefusalCode>> {
  const { store, clock } = context;
  const { customer: id } = input;
  const outcome = await decide<Outcome<AuditSchedule, RefusalCode>>(store, async () => {
    const missing = { value: refused(notFound('customer', 'customer')) };
    if (!(await context.hierarchy.visibleNode(id, identity))) return missing;
    const customer = (await context.numberInventory.auditedNode(id))?.node;
    if (!customer) return missing;
    const old = await store.get(auditSchedules, id);
    const settings = settingsOf(input, old, customer);
    // What has been set may have become wrong meanwhile, and must not keep a schedule from being switched off.
    const rests = old !== undefined && !settings.enabled;
    const refusals = checkCustomer(customer, settings.level).filter(({ code, field }) => {
      // It may be off until the schedule is due.
      if (code === 'NUMBER_MANAGEMENT_OFF') return false;
      return !rests || code === 'WRONG_NODE_TYPE' || (field === 'level' && input.level != null);
    });
    refusals.push(...checkTimes(settings, clock.now()));
    if (customer.type === 'CUSTOMER' && !(rests && input.sites === undefined))
      refusals.push(...(await checkSites(context, customer, settings)));
    if (refusals.length > 0) return { value: refused(...refusals) };
    const nextRunAt = nextOf(settings, old, clock.now(), nowOf(context));
    const changed: AuditSchedule = {
      id,
      version: old?.version ?? 0,
      path: customer.path,
      ancestors: ancestorsOf(customer.path),
      ...settings,
      ...(nextRunAt !== undefined && { nextRunAt }),
      ...(old?.lastRunAt !== undefined && { lastRunAt: old.lastRunAt }),
    };
    return { value: done(stored(changed)), commit: { save: [save(auditSchedules, changed)] } };
  });
  if (outcome.ok) context.bells.scheduleChanged();
  return outcome;
}

/** What is given, else what was set, else the default. */
function settingsOf(
  input: UpdateAuditScheduleInput,
  old: AuditSchedule | undefined,
  customer: HierarchyNodeFields,
): Settings {
  const level = input.level ?? old?.level ?? (hasSiteCodes(customer) ? 'SITE' : 'CUSTOMER');
  // At level CUSTOMER there are none, so with a change to it they go.
  const kept = level === 'SITE' ? old?.sites : undefined;
  const sites = input.sites === undefined ? kept : (input.sites ?? undefined);
  return {
    cron: (input.cron ?? old?.cron ?? '').trim(),
    timeZone: input.timeZone ?? old?.timeZone ?? 'UTC',
    enabled: input.enabled ?? old?.enabled ?? false,
    level,
    ...(sites && { sites }),
    dryRun: input.dryRun ?? old?.dryRun ?? true,
  };
}

function checkTimes({ cron, timeZone }: Settings, now: number): AuditRefusal[] {
  if (cron === '') return [{ code: 'REQUIRED', message: 'Say when the customer is to be audited.', field: 'cron' }];
  return checkTiming(cron, timeZone, now);
}

/** Only other times put off a run that is due. */
function nextOf(settings: Settings, old: AuditSchedule | undefined, from: number, now: Instant): Instant | undefined {
  const { cron, timeZone, enabled } = settings;
  const isSame = enabled === old?.enabled && cron === old.cron && timeZone === old.timeZone;
  if (isSame && old.nextRunAt !== undefined && old.nextRunAt <= now) return old.nextRunAt;
  return enabled ? nextDue(cron, timeZone, from) : undefined;
}
