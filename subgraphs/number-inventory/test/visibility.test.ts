/** Who sees and may do what: a caller's node and below, of what is above a short form, and nothing else. */
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Role } from '@numberyard/schema/rights';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInventory, plain, type TestInventory } from './inventory.js';

let inventory: TestInventory;
const ids: Record<string, string> = {};

beforeAll(async () => {
  inventory = await openInventory();
  for (const node of ['customer', 'site', 'otherSite', 'otherCustomer'] as const) {
    const answer = await inventory.data<{ addNumbers: { numbers: { id: string }[] } }>(
      `mutation ($node: ID!, $number: String!) { addNumbers(input: { node: $node, numbers: [$number] }) { numbers { id } userErrors { message } } }`,
      { node: inventory.nodes[node], number: { customer: '1', site: '2', otherSite: '3', otherCustomer: '4' }[node] },
    );
    ids[node] = answer.addNumbers.numbers[0]?.id ?? '';
  }
});
afterAll(() => inventory.close());

const siteAdmin = () => inventory.identity('SITE_ADMIN', 'site');

describe('the history of a number that moved', () => {
  test('tells its state at a time, and of a node out of sight nothing', async () => {
    const inventory = await openInventory();
    const { nodes, clock, data } = inventory;
    try {
      const id = `${nodes.customer}:1`;
      const add = `mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { userErrors { message } } }`;
      clock.advance(1_000);
      await data(add, { input: { node: nodes.otherSite, numbers: ['1'], description: 'front desk' } });
      clock.advance(1_000);
      const move = `mutation ($id: ID!, $node: ID!) { moveNumbers(input: { ids: [$id], node: $node }) { userErrors { message } } }`;
      await data(move, { id, node: nodes.site });
      const query = `query ($id: ID!) { number(id: $id) {
        history { edges { node { type description hierarchyNode { id } } } }
        never: stateAt(time: "2026-01-01T00:00:00.999Z") { type }
        before: stateAt(time: "2026-01-01T00:00:01.000Z") { type status description hierarchyNode { id } }
        after: stateAt(time: "2027-01-01T00:00:00.000Z") { type hierarchyNode { id } } } }`;
      const seen = async (as?: Identity) => (await data<{ number: Record<string, unknown> }>(query, { id }, as)).number;
      const whole = await seen();
      expect(whole).toMatchObject({
        never: null,
        before: {
          type: 'NumberAdded',
          status: 'AVAILABLE',
          description: 'front desk',
          hierarchyNode: { id: nodes.otherSite },
        },
        after: { type: 'NumberMoved', hierarchyNode: { id: nodes.site } },
      });
      const site = await seen(inventory.identity('SITE_ADMIN', 'site'));
      expect(site).toMatchObject({
        before: { type: 'NumberAdded', hierarchyNode: null },
        after: { hierarchyNode: { id: nodes.site } },
      });
      expect(JSON.stringify(site)).not.toContain(nodes.otherSite);
    } finally {
      await inventory.close();
    }
  });
});

describe('a site administrator', () => {
  test('lists, counts and finds the numbers of its site and no others', async () => {
    const { nodes } = inventory;
    const seen = await inventory.data(
      `query ($customer: ID!, $own: ID!, $sibling: ID!, $above: ID!) {
        numbers { totalCount edges { node { number } } }
        numberSummary { total }
        own: number(id: $own) { number hierarchyNode { name } }
        sibling: number(id: $sibling) { number }
        above: number(id: $above) { number }
        value: numberByValue(customer: $customer, number: "3") { number } }`,
      { customer: nodes.customer, own: ids['site'], sibling: ids['otherSite'], above: ids['customer'] },
      siteAdmin(),
    );
    expect(seen).toEqual({
      numbers: { totalCount: 1, edges: [{ node: { number: '2' } }] },
      numberSummary: { total: 1 },
      own: { number: '2', hierarchyNode: { name: 'site' } },
      sibling: null,
      above: null,
      value: null,
    });
  });

  test.each(['customer', 'otherSite', 'otherCustomer', 'provider'] as const)(
    'cannot name the node %s in a query',
    async (node) => {
      const within = inventory.nodes[node];
      const source = `query ($within: ID!) { numbers(filter: { within: $within }) { totalCount } }`;
      const { errors } = await inventory.run(source, { within }, siteAdmin());
      expect(errors?.map((error) => error.extensions['code'])).toEqual(['BAD_USER_INPUT']);
      const unknown = await inventory.run(source, { within: 'nowhere' }, siteAdmin());
      expect(unknown.errors?.map((error) => error.message)).toEqual(errors?.map((error) => error.message));
    },
  );

  test('sees nodes above in short, siblings not at all', async () => {
    const { nodes } = inventory;
    const seen = await inventory.data(
      `query ($own: ID!, $above: ID!, $sibling: ID!) {
        own: hierarchyNode(id: $own) { name retired parent { name path retired createdAt numberManagement parent { name } } }
        above: hierarchyNode(id: $above) { type name numberManagement }
        sibling: hierarchyNode(id: $sibling) { name }
        hierarchyNodes { edges { node { name } } }
        macros(node: $above) { value } }`,
      { own: nodes.site, above: nodes.customer, sibling: nodes.otherSite },
      siteAdmin(),
    );
    expect(seen).toEqual({
      own: {
        name: 'site',
        retired: false,
        parent: {
          name: 'customer',
          path: inventory.paths.customer,
          retired: null,
          createdAt: null,
          numberManagement: null,
          parent: { name: 'reseller' },
        },
      },
      above: { type: 'CUSTOMER', name: 'customer', numberManagement: null },
      sibling: null,
      hierarchyNodes: { edges: [{ node: { name: 'site' } }] },
      macros: [{ value: '2' }, { value: '' }],
    });
  });

  test('is told what is in force at its node and above, not what is set above it, nor where', async () => {
    const inventory = await openInventory();
    const { nodes, data } = inventory;
    try {
      const set = `mutation ($macro: SetMacroInput!, $cooling: SetCoolingSettingsInput!) {
        setMacro(input: $macro) { userErrors { message } } setCoolingSettings(input: $cooling) { userErrors { message } } }`;
      const name = 'audiocodes_cooling_duration';
      const customer = { node: nodes.customer, name, value: '7' };
      await data(set, { macro: customer, cooling: { node: nodes.customer, enabled: 'YES', days: 9 } });
      const read = `query ($node: ID!) { macros(node: $node) { value setAt { id } } coolingSettings(node: $node) {
        enabled effectiveEnabled enabledSetAt { id } days effectiveDays daysSetAt { id } } }`;
      const inForce = (id: string | null) => ({ effectiveEnabled: true, enabledSetAt: id && { id } });
      const days = (id: string | null) => ({ effectiveDays: 9, daysSetAt: id && { id } });
      const at = (node: string, as: Identity) => data(read, { node }, as);
      const hidden = {
        macros: [
          { value: '7', setAt: null },
          { value: '', setAt: null },
        ],
        coolingSettings: { enabled: 'INHERIT', days: null, ...inForce(null), ...days(null) },
      };
      const below = inventory.identity('SITE_ADMIN', 'site');
      expect(await at(nodes.customer, below)).toEqual(hidden);
      expect(await at(nodes.site, below)).toEqual(hidden);
      const { customer: id } = nodes;
      const own = {
        macros: [
          { value: '7', setAt: { id } },
          { value: '', setAt: null },
        ],
      };
      const cooling = { ...inForce(id), ...days(id) };
      const admin = inventory.identity('CUSTOMER_ADMIN', 'customer');
      expect(await at(id, admin)).toEqual({ ...own, coolingSettings: { enabled: 'YES', days: 9, ...cooling } });
      expect(await at(nodes.site, admin)).toEqual({
        ...own,
        coolingSettings: { enabled: 'INHERIT', days: null, ...cooling },
      });
    } finally {
      await inventory.close();
    }
  });

  test('resolves references of other subgraphs as far as it sees', async () => {
    const representations = [
      { __typename: 'InventoryNumber', id: ids['site'] },
      { __typename: 'InventoryNumber', id: ids['otherSite'] },
      { __typename: 'HierarchyNode', id: inventory.nodes.customer },
      { __typename: 'HierarchyNode', id: inventory.nodes.otherSite },
    ];
    const source = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on InventoryNumber { number } ... on HierarchyNode { name retired } } }`;
    expect(await inventory.data(source, { representations }, siteAdmin())).toEqual({
      _entities: [{ number: '2' }, null, { name: 'customer', retired: null }, null],
    });
  });

  test('is told of a number it may not see, when it writes, exactly what it is told of one that does not exist', async () => {
    const assign = (id: string | undefined) =>
      inventory.data(
        `mutation ($id: ID!) { assignNumber(input: { id: $id, ref: "x", idempotencyKey: "k-$id" }) { number { id } userErrors { code message field } } }`.replace(
          'k-$id',
          `k-${id}`,
        ),
        { id },
        siteAdmin(),
      );
    expect(await assign(ids['otherSite'])).toEqual(await assign('nothing'));
    const claim = await inventory.data(
      `mutation ($node: ID!) { claimNextAvailableNumber(input: { node: $node, ref: "x", idempotencyKey: "k" }) { userErrors { code field } } }`,
      { node: inventory.nodes.customer },
      siteAdmin(),
    );
    expect(claim).toEqual({ claimNextAvailableNumber: { userErrors: [{ code: 'NOT_FOUND', field: 'node' }] } });
  });
});

describe('a partner', () => {
  test('reads numbers with their node', async () => {
    const partner = inventory.identity('PARTNER', 'site');
    expect(
      await inventory.data(
        `{ numbers { edges { node { number hierarchyNode { name } history { edges { node { type } } } } } } }`,
        {},
        partner,
      ),
    ).toEqual({
      numbers: {
        edges: [
          {
            node: {
              number: '2',
              hierarchyNode: { name: 'site' },
              history: { edges: [{ node: { type: 'NumberAdded' } }] },
            },
          },
        ],
      },
    });
  });
});

test('a partner, which is told of no connection, cannot ask by one either', async () => {
  const partner = inventory.identity('PARTNER', 'site');
  const answer = await inventory.run(`{ numbers(filter: { connection: "arm" }) { totalCount } }`, {}, partner);
  const message = 'filter.connection: is not for keys that read numbers only.';
  expect(answer.errors?.map((error) => error.message)).toEqual([message]);
  const stream = inventory.live(
    `subscription { numberChanged(filter: { connection: "arm" }) { change } }`,
    {},
    partner,
  );
  await expect(stream).rejects.toMatchObject({ result: { errors: [{ message }] } });
});

describe('API keys', () => {
  const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id label role rights hierarchyNode { name } revokedAt } userErrors { code field } } }`;
  interface Created {
    createApiKey: { key: string | null; apiKey: { id: string } | null; userErrors: { code: string; field: string }[] };
  }
  const create = async (input: object, as?: Identity) =>
    (await inventory.data<Created>(CREATE, { input }, as)).createApiKey;

  test('a key works for its node until it is revoked, and is kept as a hash only', async () => {
    const { verifyKey } = inventory.inventory.internal;
    const { key, apiKey } = await create({
      label: 'desk',
      role: 'OPERATOR',
      rights: ['CONNECTIONS'],
      node: inventory.nodes.site,
    });
    expect(key).toMatch(/^ny_[\w-]{43}$/);
    const caller = {
      id: apiKey?.id,
      label: 'desk',
      role: 'OPERATOR',
      rights: ['CONNECTIONS'],
      node: inventory.nodes.site,
      path: inventory.paths.site,
    };
    expect(await verifyKey(`Bearer ${key}`)).toEqual(caller);
    expect(await verifyKey(`bearer  ${key}`)).toEqual(caller);
    for (const wrong of [undefined, '', 'Bearer', `Bearer ${key}x`, `Basic ${key}`, `${key}`])
      expect(await verifyKey(wrong)).toBeUndefined();
    const { events } = await inventory.store.log.read({ after: 0, limit: 1000 });
    expect(JSON.stringify(events)).not.toContain(key);
    await inventory.data(
      `mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { revokedAt } userErrors { code } } }`,
      { id: apiKey?.id },
    );
    expect(await verifyKey(`Bearer ${key}`)).toBeUndefined();
  });

  test('an expired key is nobody', async () => {
    const { verifyKey } = inventory.inventory.internal;
    const expiresAt = new Date(inventory.clock.now() + 1000).toISOString();
    const { key } = await create({ label: 'short', role: 'PARTNER', expiresAt });
    inventory.clock.advance(999);
    expect(await verifyKey(`Bearer ${key}`)).toMatchObject({ role: 'PARTNER' });
    inventory.clock.advance(1);
    expect(await verifyKey(`Bearer ${key}`)).toBeUndefined();
  });

  test.each<[string, Role, object, string[]]>([
    ['a higher role', 'CUSTOMER_ADMIN', { label: 'x', role: 'RESELLER_ADMIN' }, ['NOT_GRANTABLE role']],
    [
      'a right the caller has not',
      'CUSTOMER_ADMIN',
      { label: 'x', role: 'OPERATOR', rights: ['CONNECTIONS'] },
      ['NOT_GRANTABLE rights'],
    ],
    [
      'a time that is past',
      'CUSTOMER_ADMIN',
      { label: ' ', role: 'PARTNER', expiresAt: '2020-01-01T00:00:00Z' },
      ['REQUIRED label', 'OUT_OF_RANGE expiresAt'],
    ],
  ])('%s is not granted', async (_, role, input, expected) => {
    const { userErrors, key } = await create(input, inventory.identity(role, 'customer'));
    expect(userErrors.map(({ code, field }) => `${code} ${field}`)).toEqual(expected);
    expect(key).toBeNull();
  });

  test('no key is made at another node, nor listed or revoked there, nor one of a higher role revoked', async () => {
    const admin = inventory.identity('CUSTOMER_ADMIN', 'otherCustomer');
    expect((await create({ label: 'x', role: 'PARTNER', node: inventory.nodes.customer }, admin)).userErrors).toEqual([
      { code: 'NOT_FOUND', field: 'node' },
    ]);
    const foreign = await create({ label: 'foreign', role: 'PARTNER', node: inventory.nodes.customer });
    const higher = await create({ label: 'higher', role: 'RESELLER_ADMIN', node: inventory.nodes.otherCustomer });
    const revoke = async (id: string | undefined) =>
      plain(
        (
          await inventory.data<{ revokeApiKey: object }>(
            `mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { code field } } }`,
            { id },
            admin,
          )
        ).revokeApiKey,
      );
    expect(await revoke(foreign.apiKey?.id)).toEqual({ userErrors: [{ code: 'NOT_FOUND', field: 'id' }] });
    expect(await revoke(higher.apiKey?.id)).toEqual({ userErrors: [{ code: 'NOT_GRANTABLE', field: 'id' }] });
    expect(await inventory.data(`{ apiKeys { edges { node { label hierarchyNode { name } } } } }`, {}, admin)).toEqual({
      apiKeys: { edges: [{ node: { label: 'higher', hierarchyNode: { name: 'otherCustomer' } } }] },
    });
  });
});

describe('the first start', () => {
  test('makes one provider and one key, told once; a given key is valid at every start', async () => {
    const test = await openInventory();
    try {
      const { internal } = test.inventory;
      const again = await test.inventory.bootstrap({ providerName: 'Other' });
      expect(again).toEqual({ provider: test.nodes.provider });
      const given = 'a-key-from-the-environment';
      expect(await test.inventory.bootstrap({ providerName: 'Other', adminKey: given })).toEqual({
        provider: test.nodes.provider,
      });
      const caller = await internal.verifyKey(`Bearer ${given}`);
      expect(caller).toMatchObject({ role: 'PROVIDER_ADMIN', node: test.nodes.provider });
      const head = (await test.store.log.state()).head;
      await test.inventory.bootstrap({ providerName: 'Other', adminKey: given });
      expect((await test.store.log.state()).head).toBe(head);
      await test.data(`mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { code } } }`, {
        id: caller?.id,
      });
      expect(await internal.verifyKey(`Bearer ${given}`)).toBeUndefined();
      await test.inventory.bootstrap({ providerName: 'Other', adminKey: given });
      expect(await internal.verifyKey(`Bearer ${given}`)).toEqual(caller);
    } finally {
      await test.close();
    }
  });

  test('lists all nodes in order of their paths for who has to start over', async () => {
    const { internal } = inventory.inventory;
    const first = await internal.nodes(undefined, 4);
    const rest = await internal.nodes(first.after, 4);
    const paths = [...first.items, ...rest.items].map((node) => node.path);
    expect(paths).toEqual(Object.values(inventory.paths).sort());
    expect(rest.after).toBeUndefined();
  });
});
