import { randomBytes } from 'node:crypto';
import { queued } from '@numberyard/audit/domain/run-life';
import { auditRuns } from '@numberyard/audit/models/audit-runs';
import { DOCUMENT_COST, EXAMINE_LIMIT, save } from '@numberyard/kit/storage/port';
import { testMongoUri, withDatabase } from '@numberyard/kit/testing/mongo';
import type { NetworkResource } from '@numberyard/provisioning/domain/network-resource';
import { networkResources } from '@numberyard/provisioning/models/network-resources';
import { closeStores, openStores } from '@numberyard/launcher/stores';
import { apiKeys } from '@numberyard/number-inventory/models/api-key';
import { apiSchemaOf } from '@numberyard/schema/composition';
import { savedOperations } from '@numberyard/schema/operations';
import { readSupergraph, subgraphNames } from '@numberyard/schema/sdl';
import { Kind } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tellLife } from '../src/life/life.js';
import { Profiler } from '../src/plans/profiler.js';
import { type Question, questionsOf, type Samples } from '../src/plans/questions.js';
import type { ApiClient } from '../src/world/client.js';
import { openSingleProcess, type SingleProcess } from '../src/world/single-process.js';
import { addNumbers, connect, createCustomer, sync } from '../src/world/steps.js';

/** Numbers and mirrored users enough for a scan to be told from a look-up. */
const NUMBERS = 900;
const USERS = 300;
const FIRST = '+493023126000';
const NOW = '2026-03-01T10:00:00.000Z';
const LATE = '2999-01-01T00:00:00.000Z';

describe('every query', () => {
  const prefix = `plans${randomBytes(4).toString('hex')}`;
  const databaseOf = (subgraph: string) => `${prefix}_${subgraph.replaceAll('-', '_')}`;
  let profiler: Profiler;
  let world: SingleProcess;
  let told: ReadonlySet<string>;

  beforeAll(async () => {
    const uri = withDatabase(testMongoUri() ?? '', prefix);
    // Made, with indexes and counters, before it counts: making counters anew reads everything.
    await closeStores(await openStores({ data: '', mongodbUri: uri }));
    profiler = await Profiler.start(uri, subgraphNames.map(databaseOf));
    world = await openSingleProcess({
      MONGODB_URI: uri,
      NUMBERYARD_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    });
    told = new Set((await tellLife(world)).map(({ operation }) => operation));
  }, 600_000);

  afterAll(async () => {
    await world.close();
    await profiler.stop();
  });

  it('the saved operations and what works behind them send to MongoDB reads an index', async () => {
    const saved = savedOperations().definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? [definition.name?.value] : [],
    );
    expect([...told].sort()).toEqual(saved.sort());
    expect(await profiler.problems(await profiler.operations())).toEqual([]);
  }, 300_000);

  it('the schema allows reads an index, with every combination of filters and orders', async () => {
    const client = world.client();
    const samples = await fill(world);
    for (const question of questionsOf(apiSchemaOf(readSupergraph()), samples)) await ask(client, question);
    expect(unforeseen(await profiler.problems(await profiler.operations()))).toEqual([]);
  }, 600_000);

  it('of the work that comes round once in a while reads an index', async () => {
    for (const name of subgraphNames) {
      const store = world.store(name);
      const { head } = await store.log.state();
      await store.log.ofEntity('number:none', { limit: 10, before: head, types: ['NumberReleased'] });
      await store.log.ofEntity('number:none', { limit: 1, until: NOW });
      await store.request('nobody', 'claimNumber', 'none');
      await store.prune({ before: LATE, upTo: head, limit: 500 });
      await store.ping();
    }
    expect(unforeseen(await profiler.problems(await profiler.operations()))).toEqual([]);
  }, 300_000);

  it('that has no index for what it asks, or for its order, is told of', async () => {
    const runs = profiler.client.db(databaseOf('audit')).collection('auditRuns');
    const told = async (ask: () => Promise<unknown>) => {
      const before = new Set(await profiler.problems(await profiler.operations()));
      await ask();
      const all = await profiler.problems(await profiler.operations());
      return all.filter((problem) => !before.has(problem));
    };
    const hint = 'key_byNodeAndTime';
    expect(await told(() => runs.findOne({ state: 'FAILED' }))).toEqual([
      expect.stringMatching(/^scans the collection/),
    ]);
    const unordered = runs.find({ ancestors: world.provider }).sort({ state: 1 }).hint(hint);
    expect(await told(() => unordered.toArray())).toEqual([expect.stringMatching(/^sorts/)]);
    const unfiltered = { ancestors: world.provider, queuedAt: { $gt: '' }, state: 'FAILED' };
    expect(await told(() => runs.find(unfiltered).hint(hint).toArray())).toEqual([
      expect.stringMatching(/^reads 4\d documents for 0/),
    ]);
    const keys = profiler.client.db(databaseOf('number-inventory')).collection('apiKeys');
    await keys.dropIndex('key_byHash');
    expect(await told(() => world.store('number-inventory').getByKey(apiKeys, 'byHash', ['none']))).toEqual([
      expect.stringMatching(/^scans the collection: query on \w+\.apiKeys/),
    ]);
  }, 300_000);
});

/** The first page and the one after it. */
async function ask(client: ApiClient, { field, query, variables, isPaged }: Question): Promise<void> {
  const { data, errors } = await client.send(query, variables);
  const asked = `${query} ${JSON.stringify(variables)}`;
  expect(
    errors?.map(({ extensions }) => extensions?.['code']),
    asked,
  ).toEqual(isRefused(variables) ? ['BAD_USER_INPUT'] : undefined);
  if (errors) return;
  const after = isPaged && (data?.[field] as { pageInfo: { endCursor: string | null } }).pageInfo.endCursor;
  if (!after) return;
  const next = await client.send(query, { ...variables, after });
  expect(next.errors, asked).toBeUndefined();
}

/** An end comes in the order of endings and dates in the order of dates, or else in none; services are found by their name or by their number. */
function isRefused(variables: Question['variables']): boolean {
  const { filter, orderBy } = variables as { filter?: Record<string, string>; orderBy?: { field?: string } };
  const forced = filter?.['endsWith'] ? 'ENDING' : filter?.['releaseDateFrom'] ? 'RELEASE_DATE' : undefined;
  if (filter?.['endsWith'] && filter['releaseDateFrom']) return true;
  if (filter?.['nameStartsWith'] && filter['number']) return true;
  return forced !== undefined && orderBy !== undefined && (orderBy.field ?? 'NUMBER') !== forced;
}

/** Beside an end or a tag the other conditions that no key holds are judged by the numbers, of which a page reads a bounded number. */
function unforeseen(problems: readonly string[]): string[] {
  const bounded = /^reads (\d+) documents for \d+: query on \w+\.numbers by IXSCAN \{ (customer: 1, )?(ending|tag): 1/;
  return problems.filter((problem) => {
    const read = bounded.exec(problem)?.[1];
    return read === undefined || Number(read) > EXAMINE_LIMIT / DOCUMENT_COST;
  });
}

/** Filters of numbers: what stands on one line is served by the same keys. */
function filtersOf(site: string, connection: string): object[] {
  const kinds = [{}, { status: ['USED', 'COOLING'], vendor: 'AudioCodes' }, { usage: 'USER' }];
  const startsWith = '+49302312';
  const tag = 'Registered user is either offline or deleted';
  const others = [{}, { connection }, { tag }, { startsWith }, { connection, startsWith, tag }];
  const stretches = [{}, { endsWith: '7' }, { releaseDateFrom: NOW, releaseDateBefore: LATE }];
  const places = [{}, { within: site }];
  const all = kinds.flatMap((kind) =>
    others.flatMap((other) =>
      stretches.flatMap((stretch) => places.map((place) => ({ ...kind, ...other, ...stretch, ...place }))),
    ),
  );
  return [...all, { endsWith: '7', releaseDateFrom: NOW }];
}

/** Put enough there for a scan to show, and tell what to ask with. */
async function fill(world: SingleProcess): Promise<Samples> {
  const client = world.client();
  const { customer, sites } = await createCustomer(world, 'Many');
  const [site = ''] = sites;
  const [number] = await addNumbers(client, site, '100000', String(100_000 + NUMBERS - 1));
  const manager = await world.routingManager({ users: { count: USERS, firstNumber: FIRST } });
  const connection = await connect(client, customer, 'many', manager);
  await sync(client, connection.sync);
  for (let index = 0; index < 5; index += 1) manager.control.drop(`+4930231260${String(index).padStart(2, '0')}`);
  const run = await sync(client, connection.sync);
  const ids = Array.from({ length: 40 }, (_, index) => `made${index}`);
  const place = { version: 0, ancestors: [world.provider, customer] };
  const { ancestors } = place;
  const asked = { customer, path: ancestors.join('.'), ancestors, level: 'CUSTOMER', dryRun: true } as const;
  const runs = ids.map((id) => queued({ ...asked, id, trigger: 'MANUAL', startedBy: 'test' }, NOW));
  const resources = ids.map((id): NetworkResource => ({ ...place, id, name: id, node: customer, createdAt: NOW }));
  await world.store('audit').commit({ save: runs.map((doc) => save(auditRuns, doc)) });
  await world.store('provisioning').commit({ save: resources.map((doc) => save(networkResources, doc)) });
  return {
    within: [site],
    node: [site],
    customer: [customer],
    connection: [connection.id],
    number: [FIRST],
    'numbers.filter': filtersOf(site, connection.id),
    'number.id': [number],
    'hierarchyNode.id': [site],
    'audioCodesConnection.id': [connection.id],
    'syncRun.id': [run.id],
    'auditRun.id': ids.slice(0, 1),
    'NumberServiceFilter.nameStartsWith': ['made'],
    'numberService.id': ids.slice(0, 1),
  };
}
