/** Something of every kind at every place that can hold it, made through the graph where it can be. */
import { newId } from '@numberyard/kit/crypto/id';
import { asRead, save } from '@numberyard/kit/storage/port';
import { WAITING } from '@numberyard/audit/domain/audit-run';
import type { Finding } from '@numberyard/audit/domain/finding';
import { queued, succeeded } from '@numberyard/audit/domain/run-life';
import { activeAudits, auditRuns } from '@numberyard/audit/models/audit-runs';
import { auditSchedules } from '@numberyard/audit/models/audit-schedules';
import { findings, lastFindings } from '@numberyard/audit/models/findings';
import { networkResources } from '@numberyard/provisioning/models/network-resources';
import { entity, event } from '@numberyard/schema/events';
import { markOf, type Place, type Places } from './places.js';

/** Types of things that have ids, as the schema calls them. */
export type Kind =
  | 'HierarchyNode'
  | 'InventoryNumber'
  | 'AudioCodesConnection'
  | 'DataSync'
  | 'Schedule'
  | 'SyncRun'
  | 'ApiKey'
  | 'AuditRun'
  | 'AuditFinding'
  | 'AuditSchedule'
  | 'NumberService'
  | 'NetworkResource';

export interface Thing {
  readonly kind: Kind;
  readonly id: string;
  readonly place: Place;
  /** Of numbers. */
  readonly number?: string;
}

export class Things {
  readonly #places: Places;
  readonly #all: Thing[] = [];
  #made = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  /** What was there before anything was called. */
  static async fill(places: Places): Promise<Things> {
    const things = new Things(places);
    for (const place of places.all) {
      things.#all.push({ kind: 'HierarchyNode', id: place.id, place });
      await things.#add('ApiKey', place);
      await things.#add('AuditRun', place);
      await things.#add('AuditSchedule', place);
      await things.#add('NetworkResource', place);
      if (!place.isHome) continue;
      await things.#add('InventoryNumber', place);
      await things.#cool(await things.#add('InventoryNumber', place));
      await things.#add('AuditFinding', place);
      await things.#add('NumberService', place);
      const id = await things.#add('AudioCodesConnection', place);
      things.#all.push(
        { kind: 'DataSync', id: `${id}.sync`, place },
        { kind: 'Schedule', id: `${id}.schedule`, place },
      );
      const run = await things.#queued(id);
      things.#all.push({ kind: 'SyncRun', id: run, place });
      await things.#reached(id, place);
    }
    return things;
  }

  get #audits() {
    return this.#places.stores.audit;
  }

  of(kind: Kind): readonly Thing[] {
    return this.#all.filter((thing) => thing.kind === kind);
  }

  at(kind: Kind, place: Place): Thing | undefined {
    return this.#all.find((thing) => thing.kind === kind && thing.place === place);
  }

  /** Another one, for a call that may change it, in a state in which it can. */
  async make(kind: Kind, place: Place, mutation = ''): Promise<string> {
    switch (kind) {
      case 'HierarchyNode':
        return mutation === 'retireHierarchyNode' ? this.#node(place) : place.id;
      case 'InventoryNumber':
        return this.#prepared((await this.#number(place)).id, mutation);
      case 'AudioCodesConnection':
        return this.#connection(place);
      case 'DataSync':
        return `${await this.#connection(place)}.sync`;
      case 'Schedule':
        return `${await this.#connection(place)}.schedule`;
      case 'SyncRun':
        return this.#queued(await this.#connection(place));
      case 'ApiKey':
        return this.#key(place);
      case 'AuditRun':
        return this.#audit(place, mutation);
      case 'AuditFinding':
        return this.#finding(place);
      case 'AuditSchedule':
        return this.#auditSchedule(place);
      case 'NumberService':
        return this.#service(place);
      case 'NetworkResource':
        return this.#resource(place);
    }
  }

  /** A text that was never given before. */
  fresh(prefix = 'x'): string {
    this.#made += 1;
    return `${prefix}${this.#made}`;
  }

  /** Digits that were never given before, all of one length so that none begins another. */
  digits(): string {
    this.#made += 1;
    return `49${String(1_000_000 + this.#made)}`;
  }

  async #add(kind: Kind, place: Place): Promise<string> {
    const thing = kind === 'InventoryNumber' ? await this.#number(place) : { id: await this.make(kind, place) };
    this.#all.push({ kind, place, ...thing });
    return thing.id;
  }

  async #number(place: Place): Promise<{ id: string; number: string }> {
    const number = this.digits();
    const { numbers } = await this.#places.ask<{ numbers: { id: string }[] }>(
      'number-inventory',
      `mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { numbers { id } userErrors { message } } }`,
      { input: { node: place.id, numbers: [number], description: markOf(place) } },
    );
    return { id: numbers[0]?.id ?? '', number };
  }

  async #prepared(id: string, mutation: string): Promise<string> {
    if (mutation === 'endCooling') await this.#cool(id);
    if (mutation === 'unreserveNumbers') {
      await this.#places.ask(
        'number-inventory',
        `mutation ($input: ReserveNumbersInput!) { reserveNumbers(input: $input) { userErrors { message } } }`,
        { input: { ids: [id] } },
      );
    }
    if (mutation === 'releaseNumber') {
      await this.#places.ask(
        'number-inventory',
        `mutation ($input: AssignNumberInput!) { assignNumber(input: $input) { userErrors { message } } }`,
        { input: { id, ref: 'x', idempotencyKey: this.fresh() } },
      );
    }
    return id;
  }

  async #node(place: Place): Promise<string> {
    if (place.type === 'SITE') return place.id;
    const { hierarchyNode } = await this.#places.ask<{ hierarchyNode: { id: string } }>(
      'number-inventory',
      `mutation ($input: CreateHierarchyNodeInput!) { createHierarchyNode(input: $input) { hierarchyNode { id } userErrors { message } } }`,
      { input: { parent: place.id, type: 'INTERMEDIATE', name: this.fresh(`${markOf(place)}-`) } },
    );
    return hierarchyNode.id;
  }

  async #cool(id: string): Promise<void> {
    await this.#places.ask(
      'number-inventory',
      `mutation ($input: StartCoolingInput!) { startCooling(input: $input) { userErrors { message } } }`,
      { input: { ids: [id], days: 3 } },
    );
  }

  async #connection(place: Place): Promise<string> {
    const { connection } = await this.#places.ask<{ connection: { id: string } }>(
      'connections',
      `mutation ($input: CreateAudioCodesConnectionInput!) { createAudioCodesConnection(input: $input) { connection { id } userErrors { message } } }`,
      {
        input: {
          node: place.id,
          name: this.fresh(`${markOf(place)}-`),
          routingManager: '127.0.0.1:1',
          username: markOf(place),
          password: 'secret',
        },
      },
    );
    return connection.id;
  }

  async #queued(connection: string): Promise<string> {
    const { syncRun } = await this.#places.ask<{ syncRun: { id: string } }>(
      'connections',
      `mutation ($input: RunDataSyncInput!) { runDataSync(input: $input) { syncRun { id } userErrors { message } } }`,
      { input: { dataSync: `${connection}.sync` } },
    );
    return syncRun.id;
  }

  async #reached(connection: string, place: Place): Promise<void> {
    const told = event(
      'ReachabilityChanged',
      { connection, state: 'UNREACHABLE', error: markOf(place) },
      { retention: 'passing', entity: entity.connection(connection), path: place.path, ...written() },
    );
    await this.#places.stores.connections.commit({ events: [told] });
  }

  async #key(place: Place): Promise<string> {
    const { apiKey } = await this.#places.ask<{ apiKey: { id: string } }>(
      'number-inventory',
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } userErrors { message } } }`,
      { input: { label: markOf(place), role: 'PARTNER', node: place.id } },
    );
    return apiKey.id;
  }

  /** One that has ended; or for a call that cancels it one that has not, the only one of its node either way. */
  async #audit(place: Place, mutation: string): Promise<string> {
    const { id: customer, path } = place;
    const id = newId();
    const store = this.#audits;
    const isActive = mutation === 'cancelAudit';
    const run = queued(
      {
        id,
        customer,
        path,
        ancestors: path.split('.'),
        level: 'CUSTOMER',
        dryRun: true,
        trigger: 'MANUAL',
        startedBy: markOf(place),
      },
      TIME,
    );
    const active = await store.get(activeAudits, customer);
    const waiting = {
      id: customer,
      version: active?.version ?? 0,
      run: id,
      queuedAt: TIME,
      lane: WAITING,
      cancel: false,
    };
    await this.#audits.commit({
      save: [
        save(auditRuns, isActive ? run : succeeded(run, TIME)),
        ...(isActive ? [save(activeAudits, waiting)] : []),
      ],
      remove: active && !isActive ? [asRead(activeAudits, active)] : [],
      events: [
        event(
          'AuditRunUpdated',
          { run: id, customer, change: 'QUEUED', state: 'QUEUED' },
          { retention: 'passing', entity: entity.auditRun(id), path, ...written() },
        ),
      ],
    });
    return id;
  }

  /** The last one about a number that is there. */
  async #finding(place: Place): Promise<string> {
    const run = this.at('AuditRun', place)?.id ?? '';
    const numbers = this.of('InventoryNumber').filter((thing) => thing.place === place);
    const shown = { status: 'USED', usage: ['DEVICE'], vendor: markOf(place), releaseDate: null, node: place.id };
    const made = numbers.map(({ id: numberId, number = '' }, index): Finding => ({
      id: `${run}.${index + 1}`,
      version: 0,
      run,
      seq: index + 1,
      customer: place.id,
      path: place.path,
      kind: 'MARKED_USED',
      outcome: 'PROPOSED',
      number,
      numberId,
      before: shown,
      cause: markOf(place),
      time: TIME,
    }));
    await this.#audits.commit({
      save: made.flatMap((finding) => [
        save(findings, finding),
        save(lastFindings, { id: finding.numberId ?? '', version: 0, finding: finding.id }),
      ]),
    });
    return made[0]?.id ?? '';
  }

  async #auditSchedule({ id, path }: Place): Promise<string> {
    const asked = { cron: '0 3 * * *', timeZone: 'UTC', enabled: false, level: 'CUSTOMER', dryRun: true } as const;
    const schedule = { id, version: 0, path, ancestors: path.split('.'), ...asked };
    await this.#audits.commit({ save: [save(auditSchedules, schedule)] });
    return id;
  }

  async #service(place: Place): Promise<string> {
    const { numberService } = await this.#places.ask<{ numberService: { id: string } }>(
      'audit',
      `mutation ($input: CreateNumberServiceInput!) { createNumberService(input: $input) { numberService { id } userErrors { message } } }`,
      { input: { node: place.id, kind: 'HUNT_PILOT', name: this.fresh(`${markOf(place)}-`), number: this.digits() } },
    );
    return numberService.id;
  }

  async #resource(place: Place): Promise<string> {
    const id = newId();
    const about = { name: `${markOf(place)}-${id}`, node: place.id, ancestors: place.path.split('.') };
    const resource = { id, version: 0, ...about, createdAt: '2026-01-01T00:00:00.000Z' };
    await this.#places.stores.provisioning.commit({ save: [save(networkResources, resource)] });
    return id;
  }
}

const TIME = '2026-01-01T00:00:00.000Z';

function written() {
  return { actor: { type: 'WORKER', id: 'test' }, time: TIME } as const;
}
