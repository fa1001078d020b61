/** The part of the life in which the inventory is held against what uses it. */
import type { Narrator } from './narrator.js';

export interface AuditedPlaces {
  readonly customer: string;
  readonly site: string;
  /** With the numbers 2000 to 2019. */
  readonly other: string;
}

interface Run {
  readonly id: string;
  readonly state: string;
}
interface Started {
  readonly auditRun: Run | null;
}

const ended = ({ state }: Run) => state !== 'QUEUED' && state !== 'RUNNING';

/** @returns the last audit */
export async function tellAudits(life: Narrator, { customer, site, other }: AuditedPlaces): Promise<string> {
  const services = await tellServices(life, { customer, site, other });
  const run = async (input: object) => {
    const { auditRun } = await life.tell<Started>('StartAudit', { input: { customer, level: 'CUSTOMER', ...input } });
    return untilEnded(life, auditRun);
  };
  const dry = await run({ dryRun: true, idempotencyKey: 'dry' });
  await life.tell('StartAudit', { input: { customer, level: 'SITE', dryRun: true, idempotencyKey: 'dry' } });
  await life.tell('AuditFindings', { run: dry, first: 20 });
  await life.tell('CancelAudit', { input: { run: dry } });
  const { auditRun } = await life.tell<Started>('ApplyAudit', { input: { run: dry } });
  const applied = await untilEnded(life, auditRun);
  await life.tell('ApplyAudit', { input: { run: dry } });
  await life.tell('AuditFindings', { run: applied, filter: { kind: 'CREATED' }, first: 20 });
  await life.tell('AuditFindings', { run: applied, filter: { numberStartsWith: '20' }, first: 20 });
  await life.tell('AuditedNumbers', { filter: { within: other, status: ['USED', 'USED_UTILITY'] }, first: 20 });
  await life.tell('DeleteServices', { input: { ids: [...services, 'no service'] } });
  const last = await run({ level: 'SITE', sites: [site, other] });
  await life.tell('AuditFindings', { run: last, first: 20 });

  const refused = async (input: object) => life.tell('StartAudit', { input: { customer, level: 'SITE', ...input } });
  await refused({ customer: site });
  await refused({ sites: [] });
  await refused({ sites: [site, customer, site] });
  await life.tell('AuditList', { customer, first: 2 });
  await life.tell('AuditList', { state: 'FAILED' });
  await life.tell('AuditDrift', { customer });
  await life.tell('DemoAudits', { customer });

  await life.tell('AuditScheduleOf', { customer });
  const schedule = { customer, cron: '30 4 * * 0', timeZone: 'Europe/Berlin' };
  await life.tell('UpdateAuditSchedule', { input: { customer, cron: 'now and then' } });
  await life.tell('UpdateAuditSchedule', { input: { ...schedule, level: 'SITE', sites: [other] } });
  await life.tell('AuditScheduleOf', { customer });
  return last;
}

async function untilEnded(life: Narrator, run: Run | null): Promise<string> {
  const { id } = await life.tell<Run>('AuditDetail', { id: run?.id ?? '' }, { until: ended });
  return id;
}

/** @returns their ids */
async function tellServices(life: Narrator, { customer, site, other }: AuditedPlaces): Promise<string[]> {
  const create = async (node: string, kind: string, name: string, number: string, more: object = {}) => {
    const input = { node, kind, name, number, ...more };
    const { numberService } = await life.tell<{ numberService: { id: string } | null }>('CreateService', { input });
    return numberService ? [numberService.id] : [];
  };
  const phone = { mac: '00:11:22:33:44:55' };
  const made = [
    ...(await create(other, 'HUNT_PILOT', 'Sales', '2015')),
    ...(await create(site, 'CTI_ROUTE_POINT', 'Menu', '2015')),
    ...(await create(site, 'PHONE', 'SEP001122334455', '7001', { ...phone, cluster: 'east' })),
    ...(await create(other, 'PHONE', 'SEP001122334455', '7001', { ...phone, cluster: 'west' })),
    ...(await create(customer, 'CALL_PARK', 'Park', '7100')),
    ...(await create(site, 'PHONE', 'no MAC', '7002')),
    ...(await create(site, 'CALL_PARK', 'letters', '70a')),
  ];
  const [id] = made;
  await life.tell('UpdateService', { input: { id, number: '2016', partition: 'internal' } });
  await life.tell('UpdateService', { input: { id, mac: '001122334455' } });
  await life.tell('ServiceDetail', { id });
  await life.tell('ServiceList', { filter: { within: customer }, first: 3 });
  await life.tell('ServiceList', { filter: { kind: 'PHONE', number: '7001' } });
  await life.tell('ServiceList', { filter: { nameStartsWith: 'S' } });
  await life.tell('DemoServices', { within: customer });
  return made;
}
