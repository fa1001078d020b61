/** A scripted life of an installation, told in nothing but the saved operations, every one of them: what it answers is compared between engines. */
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { Credentials, World } from '../world/world.js';
import { tellAudits } from './audits.js';
import { COOLED_LAST, tellManagement, tellSwitch } from './management.js';
import { Narrator, type Told } from './narrator.js';

interface Node {
  readonly hierarchyNode: { readonly id: string };
}
interface Numbered {
  readonly numbers: readonly { readonly id: string }[];
}
interface OneNumber {
  readonly id: string;
  readonly number: string;
  readonly status: string;
}
interface Connection {
  readonly id: string;
  readonly dataSyncs: readonly { readonly id: string; readonly kind: string }[];
  readonly schedule: { readonly id: string };
}
interface Run {
  readonly id: string;
  readonly state: string;
}
interface AuditEvent {
  readonly cursor: string;
  readonly change: string;
  readonly auditRun: Run;
}
interface Page {
  readonly pageInfo: { readonly endCursor: string | null };
}
interface NumberEvent {
  readonly cursor: string;
  readonly change: string;
  readonly number: OneNumber | null;
}

const FIRST = '+493023125000';
/** Added when all else has happened. */
const LAST = '9999';
const COOLING = 'audiocodes_cooling_duration';

/** @returns what it answered, in order, with everything that differs between two installations replaced */
export async function tellLife(world: World): Promise<readonly Told[]> {
  const life = new Narrator(world.client());
  const start = Object.fromEntries(
    await Promise.all(
      ['number-inventory', 'connections', 'audit'].map(async (name) => {
        const { epoch, head } = await world.store(name).log.state();
        return [name, `${epoch}.${head}`] as const;
      }),
    ),
  );
  const places = await tellHierarchy(life, world.provider);
  await tellNumbers(life, places);
  const manager = await world.routingManager({ users: { count: 40, firstNumber: FIRST } });
  life.name(manager.address, 'routing manager');
  const connection = await tellConnection(life, places, manager);
  await tellSyncs(life, places, manager, connection);
  await tellChanges(life, places, manager, connection);
  await tellManagement(life, places);
  await tellSwitch(life, places, manager, () => tellRun(life, connection));
  const audit = await tellAudits(life, places);
  await tellKeys(life, places);
  await tellStreams(life, places, start);
  await life.follow<AuditEvent>(
    'AuditUpdates',
    { after: start['audit'] },
    ({ change, auditRun }) => change === 'FINISHED' && auditRun.id === audit,
  );
  await tellEnd(life, connection);
  return life.told;
}

interface Places {
  readonly provider: string;
  readonly customer: string;
  readonly site: string;
  readonly other: string;
}

async function tellHierarchy(life: Narrator, provider: string): Promise<Places> {
  const node = async (operation: string, parent: string, type: string, name: string) =>
    (await life.tell<Node>(operation, { input: { parent, type, name } })).hierarchyNode.id;
  await life.tell('HierarchyList', { type: 'PROVIDER' });
  const reseller = await node('CreateNode', provider, 'RESELLER', 'Northern');
  const customer = await node('CreateNode', reseller, 'CUSTOMER', 'Acme');
  const site = await node('CreateNode', customer, 'SITE', 'Harbour');
  const other = await node('DemoNode', customer, 'SITE', 'Hill');
  await life.tell('CreateNode', { input: { parent: site, type: 'RESELLER', name: 'Upside down' } });
  await life.tell('RenameNode', { input: { id: other, name: 'Hilltop' } });
  await life.tell('RenameNode', { input: { id: 'nowhere', name: 'Nothing' } });
  await life.tell('HierarchyList', { within: reseller }, { unordered: true });
  await life.tell('DemoNodes', { parent: customer, type: 'SITE' }, { unordered: true });
  await life.tell('SetMacro', { input: { node: provider, name: COOLING, value: '5' } });
  await life.tell('SetMacro', { input: { node: site, name: COOLING, value: 'soon' } });
  await life.tell('DemoCooling', { input: { node: other, name: COOLING, value: '7' } });
  await life.tell('MacroList', { node: site });
  await life.tell('MacroList', { node: other });
  return { provider, customer, site, other };
}

async function tellNumbers(life: Narrator, { customer, site, other }: Places): Promise<void> {
  const range = { start: FIRST, end: '+493023125029' };
  const { numbers } = await life.tell<Numbered>('AddNumbers', { input: { node: site, range, description: 'main' } });
  await life.tell('AddNumbers', { input: { node: site, numbers: [FIRST, '1000'] } });
  await life.tell('AddNumbers', { input: { node: site, numbers: ['12ab'] } });
  await life.tell('DemoNumbers', { input: { node: other, range: { start: '2000', end: '2019' } } });
  const claim = { node: other, ref: 'desk 1', idempotencyKey: 'claim' };
  await life.tell('ClaimNumber', { input: claim });
  await life.tell('ClaimNumber', { input: claim });
  await life.tell('ClaimNumber', { input: { ...claim, ref: 'desk 2' } });
  const [assigned, reserved, deleted] = numbers.slice(20).map(({ id }) => id);
  const use = { id: assigned, ref: 'desk 3', usage: 'USER', idempotencyKey: 'assign' };
  await life.tell('AssignNumber', { input: use });
  await life.tell('AssignNumber', { input: { ...use, idempotencyKey: 'again' } });
  await life.tell('ReleaseNumber', { input: { id: assigned, ref: 'desk 4', idempotencyKey: 'wrong' } });
  await life.tell('ReleaseNumber', { input: { id: assigned, ref: 'desk 3', idempotencyKey: 'release' } });
  await life.tell('ReserveNumbers', { input: { ids: [reserved, 'no number'], notes: 'for a merger' } });
  await life.tell('ReserveNumbers', { input: { ids: [reserved], notes: 'for a merger', days: 30 } });
  await life.tell('DeleteNumbers', { input: { ids: [deleted, reserved] } });
  await life.tell('DeleteNumbers', { input: { ids: [deleted] } });
  await life.tell('NumberDetail', { id: reserved });
  await life.tell('UnreserveNumbers', { input: { ids: [reserved] } });
  await tellLists(life, customer, other);
}

/** Everything that is asked of numbers; at any time of the life. */
async function tellLists(life: Narrator, customer: string, other: string): Promise<void> {
  for (const [filter, orderBy] of [
    [{}, undefined],
    [{ within: customer, status: ['USED', 'COOLING'] }, undefined],
    [{ startsWith: '+49302312501' }, { field: 'NUMBER', direction: 'DESC' }],
    [
      { within: other, status: ['AVAILABLE'] },
      { field: 'NUMBER', direction: 'DESC' },
    ],
    [{ vendor: 'AudioCodes' }, undefined],
    [{ usage: 'USER' }, undefined],
  ] as const) {
    let after: string | null = null;
    for (let page = 0; page < 2; page += 1) {
      const variables: Record<string, unknown> = { filter, orderBy, first: 7, after };
      const numbers: Page = await life.tell<Page>('NumberList', variables);
      after = numbers.pageInfo.endCursor;
    }
  }
  await life.tell('NumberList', { first: 501 });
  await life.tell('NumberList', { after: 'no cursor' });
  await life.tell('NumberSummary', {});
  await life.tell('NumberSummary', { within: other });
  await life.tell('DemoSummary', { within: customer });
  await life.tell('NumberByValue', { customer, number: FIRST });
  await life.tell('NumberByValue', { customer, number: '404' });
  await life.tell('Numbers');
  await life.tell('UsedNumbers');
}

async function tellConnection(
  life: Narrator,
  { customer }: Places,
  manager: RoutingManager & Credentials,
): Promise<Connection> {
  const input = {
    node: customer,
    name: 'main',
    routingManager: manager.address,
    username: manager.username,
    password: manager.password,
  };
  const { connection } = await life.tell<{ connection: { id: string } }>('CreateConnection', { input });
  const { id } = connection;
  await life.tell('CreateConnection', { input: { ...input, name: 'MAIN' } });
  await life.tell('CreateConnection', { input: { ...input, name: 'a b' } });
  await life.tell('TestConnection', { input: { id } });
  const detail = await life.tell<Connection>('ConnectionDetail', { id });
  const item = (kind: string) => detail.dataSyncs.find((dataSync) => dataSync.kind === kind)?.id;
  await life.tell('UpdateDataSync', { input: { id: item('SYNC'), operations: ['ADD', 'UPDATE', 'REMOVE'] } });
  await life.tell('DemoSync', { input: { id: item('PURGE'), enabled: false } });
  await life.tell('UpdateSchedule', {
    input: { id: detail.schedule.id, cron: '15 3 * * *', timeZone: 'Europe/Berlin' },
  });
  await life.tell('UpdateSchedule', { input: { id: detail.schedule.id, cron: 'now and then' } });
  await life.tell('DemoSchedule', { input: { id: detail.schedule.id, enabled: false } });
  return detail;
}

const ended = ({ state }: Run) => !['QUEUED', 'RUNNING', 'APPLYING'].includes(state);

/** Run a data sync of the connection and wait for its end. */
async function tellRun(life: Narrator, connection: Connection, kind = 'SYNC'): Promise<string> {
  const dataSync = connection.dataSyncs.find((candidate) => candidate.kind === kind)?.id;
  const { syncRun } = await life.tell<{ syncRun: Run }>('RunDataSync', { input: { dataSync } });
  await life.tell<Run>('RunDetail', { id: syncRun.id }, { until: ended });
  return syncRun.id;
}

async function tellSyncs(
  life: Narrator,
  { customer, site, other }: Places,
  manager: RoutingManager,
  connection: Connection,
): Promise<void> {
  const number = async (text: string) => (await life.tell<OneNumber>('NumberByValue', { customer, number: text })).id;
  await tellRun(life, connection);
  await tellLists(life, customer, other);
  await life.tell('ConnectionDetail', { id: connection.id });
  manager.control.takeOffline('+493023125003');
  manager.control.drop('+493023125004');
  await tellRun(life, connection);
  const id = await number('+493023125003');
  await life.tell('NumberDetail', { id });
  manager.control.bringBack('+493023125003');
  await tellRun(life, connection);
  await life.tell('NumberDetail', { id });
  await life.tell('SetMacro', { input: { node: site, name: COOLING, value: 'PT1S' } });
  const released = await number('+493023125005');
  manager.control.drop('+493023125005');
  await tellRun(life, connection);
  await life.tell<OneNumber>('NumberDetail', { id: released }, { until: ({ status }) => status === 'AVAILABLE' });
  await life.tell('SetMacro', { input: { node: site, name: COOLING, value: '3' } });
  manager.control.register('reception');
  await tellRun(life, connection);
  manager.control.fault({ kind: 'empty-list' });
  await tellRun(life, connection);
  manager.control.clearFaults();
}

async function tellChanges(
  life: Narrator,
  { customer, other }: Places,
  manager: RoutingManager & Credentials,
  connection: Connection,
): Promise<void> {
  const { syncRun } = await life.tell<{ syncRun: Run }>('UpdateConnection', {
    input: { id: connection.id, name: 'renamed', syncOnSave: true },
  });
  await life.tell<Run>('RunDetail', { id: syncRun.id }, { until: ended });
  await life.tell('CancelSyncRun', { input: { id: syncRun.id } });
  await life.tell('DemoReconnect', { input: { id: connection.id, password: manager.password } });
  const wrong = { routingManager: 'no-such-host.invalid', username: 'nobody', password: 'nothing' };
  await life.tell('DemoConnect', { input: { node: other, name: 'nowhere', ...wrong } });
  await life.tell('DemoConnections', {}, { unordered: true });
  await life.tell('ConnectionList', { within: customer, first: 10 }, { unordered: true });
  await life.tell('RunList', { connection: connection.id, first: 3 });
  await life.tell('RunList', { connection: connection.id, state: 'FAILED' });
  await life.tell('DemoSyncs', { connection: connection.id });
}

async function tellKeys(life: Narrator, { site }: Places): Promise<void> {
  const { apiKey } = await life.tell<{ apiKey: { id: string } }>('CreateKey', {
    input: { label: 'a partner', role: 'PARTNER', node: site },
  });
  await life.tell('CreateKey', { input: { label: '', role: 'OPERATOR' } });
  await life.tell('KeyList', {}, { unordered: true });
  await life.tell('RevokeKey', { input: { id: apiKey.id } });
  await life.tell('KeyList', {}, { unordered: true });
}

async function tellEnd(life: Narrator, connection: Connection): Promise<void> {
  await tellRun(life, connection, 'PURGE');
  await life.tell('NumberSummary', {});
  await life.tell('DeleteConnection', { input: { id: connection.id } });
  await life.tell<Connection | null>('ConnectionDetail', { id: connection.id }, { until: (gone) => gone === null });
  await life.tell('NumberList', { filter: { status: ['COOLING'] }, first: 5 });
}

/** The whole life once more as a subscriber sees it that has been away all the time. */
async function tellStreams(life: Narrator, { site }: Places, start: Readonly<Record<string, string>>): Promise<void> {
  await life.tell('AddNumbers', { input: { node: site, numbers: [LAST] } });
  const numbers = start['number-inventory'];
  const connections = start['connections'];
  for (const operation of ['NumberChanges', 'WatchNumbers']) {
    await life.follow<NumberEvent>(operation, { after: numbers }, ({ number }) => number?.number === LAST);
  }
  for (const operation of ['CoolingChanges', 'WatchCooling']) {
    const isLast = ({ change, number }: NumberEvent) => change === 'ENDED' && number?.number === COOLED_LAST;
    await life.follow<NumberEvent>(operation, { after: numbers }, isLast);
  }
  for (const operation of ['RunUpdates', 'WatchSyncs']) {
    await life.follow<{ cursor: string; syncRun: Run | null }>(
      operation,
      { after: connections },
      ({ syncRun }) => syncRun?.state === 'FAILED',
    );
  }
  await life.follow('ReachabilityChanges', { after: connections }, () => true);
}
