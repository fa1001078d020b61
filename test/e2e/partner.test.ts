/** A partner reads numbers and nothing else, whatever it asks. */
import { randomFrom } from '@numberyard/kit/testing/random';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { needOf, OPERATION_POWERS } from '@numberyard/schema/operation-powers';
import { apiSchemaOf } from '@numberyard/schema/composition';
import { readSupergraph, subgraphNames } from '@numberyard/schema/sdl';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RandomOperations, type RandomOperation } from '../src/rights/random-operation.js';
import { SHORT_FORM } from '../src/rights/samples.js';
import type { Answer } from '../src/world/client.js';
import { addNumbers, connect, createCustomer, sync } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

const SEED = 20_261_122;
const OPERATIONS = 150;

/** Types a partner may be told of; of a node only the short form. */
const NUMBERS = [
  'InventoryNumber',
  'NumberUse',
  'NumberExtra',
  'NumberReservation',
  'NumberEvent',
  'NumberSummary',
  'StatusCount',
  'UsageCount',
  'VendorCount',
  'NumberChanged',
  'CoolingChanged',
  'HierarchyNode',
  'PageInfo',
];

let world: World;
let key: string;
let ids: string[];
let cursor: string;

beforeAll(async () => {
  world = await openWorld();
  const admin = world.client();
  const { customer, sites, reseller } = await createCustomer(world);
  const manager = await world.routingManager({ users: { count: 5, firstNumber: '4930100' } });
  const numbers = await addNumbers(admin, sites[0] ?? '', '1000', '1009');
  await admin.change('mutation($input: StartCoolingInput!) { startCooling(input: $input) { userErrors { code } } }', {
    ids: numbers.slice(0, 1),
  });
  const connection = await connect(admin, customer, 'secret-connection', manager);
  const run = await sync(admin, connection.sync);
  const made = await admin.change<{ key: string; apiKey: { id: string } }>(
    `mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id } userErrors { code } } }`,
    { label: 'partner', role: 'PARTNER', rights: ['CONNECTIONS'], node: customer },
  );
  key = made.key;
  ids = [customer, reseller, world.provider, ...sites, ...numbers.slice(0, 3), connection.id, connection.sync];
  ids.push(connection.schedule, run.id, made.apiKey.id, 'nothing');
  const { epoch } = await world.store('number-inventory').log.state();
  cursor = `${epoch}.0`;
});
afterAll(() => world?.close());

it(`answers ${OPERATIONS} random operations with numbers or FORBIDDEN, and changes nothing`, async () => {
  const before = await heads();
  const values = { ids, texts: ['1000', '10', 'AudioCodes', 'name'], cursor };
  const operations = new RandomOperations(apiSchemaOf(readSupergraph()), randomFrom(SEED), values);
  const seen = { numbers: 0, forbidden: 0 };
  for (let index = 0; index < OPERATIONS; index += 1) {
    const operation = operations.next((['Query', 'Query', 'Mutation', 'Subscription'] as const)[index % 4] ?? 'Query');
    const answer = await answered(operation);
    const about = { operation: operation.document, answer };
    const codes = (answer.errors ?? []).map(({ extensions }) => extensions?.['code']);
    const isOfNumbers = needOf(operation.door, operation.field) === 'READ_NUMBERS';
    if (isOfNumbers) {
      // A combination of arguments may be none that goes together; and what others add to a number is refused, the number being told.
      const expected = asksBeyond(operation) ? ['BAD_USER_INPUT', 'FORBIDDEN'] : ['BAD_USER_INPUT'];
      expect({ ...about, told: codes.every((code) => expected.includes(String(code))) }).toEqual({
        ...about,
        told: true,
      });
      expect({ ...about, told: foreign(answer.data) }).toEqual({ ...about, told: [] });
      if (!codes.includes('BAD_USER_INPUT')) seen.numbers += 1;
    } else {
      expect({ ...about, codes, data: answer.data?.[operation.field] ?? null }).toEqual({
        ...about,
        codes: ['FORBIDDEN'],
        data: null,
      });
      seen.forbidden += 1;
    }
    expect(JSON.stringify(answer)).not.toContain('secret-connection');
  }
  expect(seen.numbers).toBeGreaterThan(OPERATIONS / 15);
  expect(seen.forbidden).toBeGreaterThan(OPERATIONS / 4);
  expect(await heads()).toEqual(before);
});

/** Whether it asks for a field of a number that needs more than the number. */
function asksBeyond({ document }: RandomOperation): boolean {
  return Object.keys(OPERATION_POWERS.Field).some((name) => document.includes(` ${name.split('.')[1]} `));
}

async function answered({ door, document, field }: RandomOperation): Promise<Answer> {
  const client = world.client(key);
  if (door !== 'Subscription') return client.send(document);
  const stream = client.subscribe(document);
  await waitUntil(`an answer to ${document}`, () => stream.ended || stream.problem || stream.events.length > 0);
  await stream.stop();
  const errors = stream.problem as Answer['errors'];
  return errors ? { data: null, errors } : { data: { [field]: stream.events[0] } };
}

/** What an answer tells beyond numbers. */
function foreign(data: unknown): string[] {
  const found: string[] = [];
  JSON.stringify(data, (_, value: unknown) => {
    const type = (value as { __typename?: string } | null)?.__typename;
    if (type === undefined) return value;
    const isNumbers = NUMBERS.includes(type.replace(/(?<=InventoryNumber|NumberEvent)(Edge|Connection)$/, ''));
    if (!isNumbers) found.push(type);
    if (type === 'HierarchyNode') {
      const told = Object.entries(value as object).filter(([, each]) => each !== null);
      const short = [...(SHORT_FORM.HierarchyNode ?? []), '__typename'].filter((field) => field !== 'parent');
      found.push(...told.map(([field]) => field).filter((field) => !short.includes(field)));
    }
    return value;
  });
  return found;
}

async function heads(): Promise<number[]> {
  const states = await Promise.all(subgraphNames.map((name) => world.store(name).log.state()));
  return states.map(({ head }) => head);
}
