/** Bad input: a code, a sentence, the field; and nothing changes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { UserError } from '../src/world/client.js';
import { addNumbers, connect, createCustomer, numberOf, sync, type Customer } from '../src/world/steps.js';
import { openWorld, type Credentials, type World } from '../src/world/world.js';

const ERRORS = 'userErrors { code message field }';
const MUTATIONS = {
  addNumbers: `mutation($input: AddNumbersInput!) { addNumbers(input: $input) { ${ERRORS} } }`,
  setMacro: `mutation($input: SetMacroInput!) { setMacro(input: $input) { ${ERRORS} } }`,
  deleteNumbers: `mutation($input: DeleteNumbersInput!) { deleteNumbers(input: $input) { deleted ${ERRORS} } }`,
  claim: `mutation($input: ClaimNextAvailableNumberInput!) { claimNextAvailableNumber(input: $input) { ${ERRORS} } }`,
  create: `mutation($input: CreateAudioCodesConnectionInput!) { createAudioCodesConnection(input: $input) { ${ERRORS} } }`,
  test: `mutation($input: TestAudioCodesConnectionInput!) { testAudioCodesConnection(input: $input) { ${ERRORS} } }`,
  run: `mutation($input: RunDataSyncInput!) { runDataSync(input: $input) { ${ERRORS} } }`,
} as const;

let world: World;
let customer: Customer;
let site: string;
let emptySite: string;
let manager: RoutingManager & Credentials;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world);
  [site = '', emptySite = ''] = customer.sites;
  await addNumbers(world.client(), site, '+493023125000', '+493023125009');
  manager = await world.routingManager({ users: { count: 1, firstNumber: '+493023125000' } });
  const { sync: dataSync } = await connect(world.client(), customer.customer, 'main', manager);
  await sync(world.client(), dataSync);
});

afterAll(() => world?.close());

/** Positions of all logs: nothing may be written by a refused mutation. */
async function heads(): Promise<number[]> {
  const names = ['number-inventory', 'connections', 'provisioning', 'audit'];
  return Promise.all(names.map(async (name) => (await world.store(name).log.state()).head));
}

async function refusal(
  mutation: keyof typeof MUTATIONS,
  input: Record<string, unknown>,
): Promise<readonly UserError[]> {
  const before = await heads();
  const payload = await world.client().ask<{ userErrors: UserError[] }>(MUTATIONS[mutation], { input });
  expect(await heads()).toEqual(before);
  return payload.userErrors;
}

const connection = (change: Record<string, unknown>) => ({
  node: customer.customer,
  name: 'other',
  routingManager: '192.0.2.1',
  username: 'operator',
  password: 'correct horse',
  ...change,
});

describe('refuses, naming the field and the rule,', () => {
  const cases: [string, keyof typeof MUTATIONS, () => Record<string, unknown>, string, string][] = [
    ['a number with letters', 'addNumbers', () => ({ node: site, numbers: ['12ab'] }), 'INVALID', 'numbers.0'],
    [
      'a range upside down',
      'addNumbers',
      () => ({ node: site, range: { start: '20', end: '10' } }),
      'OUT_OF_RANGE',
      'range.end',
    ],
    [
      'a range over 1,000',
      'addNumbers',
      () => ({ node: site, range: { start: '1000', end: '2000' } }),
      'OUT_OF_RANGE',
      'range.end',
    ],
    [
      'numbers at a reseller',
      'addNumbers',
      () => ({ node: customer.reseller, numbers: ['12'] }),
      'WRONG_NODE_TYPE',
      'node',
    ],
    ['numbers at no node', 'addNumbers', () => ({ node: 'nowhere', numbers: ['12'] }), 'NOT_FOUND', 'node'],
    [
      'a cooling of 0 days',
      'setMacro',
      () => ({ node: site, name: 'audiocodes_cooling_duration', value: '0' }),
      'OUT_OF_RANGE',
      'value',
    ],
    [
      'a cooling of 1,000 days',
      'setMacro',
      () => ({ node: site, name: 'audiocodes_cooling_duration', value: '1000' }),
      'OUT_OF_RANGE',
      'value',
    ],
    [
      'claiming from an empty site',
      'claim',
      () => ({ node: emptySite, ref: 'a', idempotencyKey: 'k' }),
      'NO_NUMBER_AVAILABLE',
      'node',
    ],
    ['a name doubled in other case', 'create', () => connection({ name: 'MAIN' }), 'ALREADY_EXISTS', 'name'],
    [
      'a routing manager that is neither address nor hostname',
      'create',
      () => connection({ routingManager: 'https://a/b' }),
      'INVALID',
      'routingManager',
    ],
    ['a name with a space', 'create', () => connection({ name: 'a b' }), 'INVALID', 'name'],
  ];
  it.each(cases)('%s', async (_what, mutation, input, code, field) => {
    const errors = await refusal(mutation, input());
    expect(errors).toEqual([{ code, field, message: expect.stringMatching(/^[A-Z].*\.$/) as string }]);
  });

  it('deleting a Used number, which stays', async () => {
    const used = await numberOf(world.client(), customer.customer, '+493023125000');
    expect(await refusal('deleteNumbers', { ids: [used?.id] })).toEqual([
      expect.objectContaining({ code: 'NUMBER_NOT_AVAILABLE', field: 'ids.0' }),
    ]);
    expect(await numberOf(world.client(), customer.customer, '+493023125000')).toMatchObject({ status: 'USED' });
  });
});

describe('a routing manager that cannot be used', () => {
  it('with an unknown host is told by the test and by the run', async () => {
    const { id, sync: dataSync } = await connect(world.client(), customer.customer, 'nowhere', {
      ...manager,
      address: 'no-such-host.invalid',
    });
    const tested = await world.client().ask<{ userErrors: UserError[] }>(MUTATIONS.test, { input: { id } });
    expect(tested.userErrors).toEqual([expect.objectContaining({ code: 'HOST_UNREACHABLE', field: 'routingManager' })]);
    expect(await sync(world.client(), dataSync)).toMatchObject({
      state: 'FAILED',
      error: { code: 'HOST_UNREACHABLE' },
    });
  });

  it('with a wrong password is told by the test and by the run, and nobody cools', async () => {
    const { id, sync: dataSync } = await connect(world.client(), customer.customer, 'wrong', {
      ...manager,
      password: 'not the password',
    });
    const tested = await world.client().ask<{ userErrors: UserError[] }>(MUTATIONS.test, { input: { id } });
    expect(tested.userErrors).toEqual([expect.objectContaining({ code: 'CREDENTIALS_REFUSED' })]);
    expect(await sync(world.client(), dataSync)).toMatchObject({
      state: 'FAILED',
      error: { code: 'CREDENTIALS_REFUSED' },
    });
    expect(await numberOf(world.client(), customer.customer, '+493023125000')).toMatchObject({ status: 'USED' });
  });
});

describe('a key', () => {
  async function keyFor(role: string, node: string): Promise<string> {
    const { key } = await world
      .client()
      .change<{ key: string }>(
        `mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { key ${ERRORS} } }`,
        { label: role, role, node },
      );
    return key;
  }

  it('without the right is told so, and nothing changes', async () => {
    const partner = world.client(await keyFor('PARTNER', customer.customer));
    const before = await heads();
    const answer = await partner.send(MUTATIONS.claim, { input: { node: site, ref: 'a', idempotencyKey: 'p' } });
    expect(answer.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    expect(await heads()).toEqual(before);
  });

  it('of one site sees nothing of the sibling', async () => {
    const other = world.client(await keyFor('SITE_ADMIN', emptySite));
    expect(await other.ask('{ numbers { edges { node { id } } } }')).toEqual({ edges: [] });
    expect(await numberOf(other, customer.customer, '+493023125000')).toBeNull();
  });

  it('that nobody made is refused, and none at all as well', async () => {
    for (const key of ['ny_no-such-key', undefined]) {
      const response = await fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) },
        body: JSON.stringify({ query: '{ numberSummary { total } }' }),
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
  });
});
