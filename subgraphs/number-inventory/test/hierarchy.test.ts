/** Nodes: made, changed and retired, their dial plans, and what happens at the same moment. */
import type { Store } from '@numberyard/kit/storage/port';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodes as nodeCollection, saveNode } from '../src/models/node.js';
import { openInventory, type TestInventory } from './inventory.js';

interface Answer {
  userErrors: { code: string; field: string | null; message: string }[];
  hierarchyNode?: Record<string, unknown> & { id: string; path: string };
  numbers?: { id: string }[];
}

type Hooked = 'commit' | 'counts' | 'get';
let inventory: TestInventory;
/** Runs once, before the next call of a method of the store or between its doing and its answer. */
let hook: { method: Hooked; when: 'before' | 'after'; run: () => Promise<unknown> } | undefined;

/** A store in whose calls something else happens. */
function hooked(store: Store): Store {
  const around = (method: Hooked) => {
    const call = store[method].bind(store) as (...args: never[]) => Promise<unknown>;
    return async (...args: never[]) => {
      const mine = hook?.method === method ? hook : undefined;
      if (mine) hook = undefined;
      if (mine?.when === 'before') await mine.run();
      const answer = await call(...args);
      if (mine?.when === 'after') await mine.run();
      return answer;
    };
  };
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === 'commit' || name === 'counts' || name === 'get') return around(name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

beforeEach(async () => {
  hook = undefined;
  inventory = await openInventory({ wrap: hooked });
});
afterEach(() => inventory.close());

const NODE = 'hierarchyNode { id path name retired numberManagement dialPlan siteLocationCode }';
const SELECTIONS: Record<string, string> = {
  createHierarchyNode: NODE,
  updateHierarchyNode: NODE,
  retireHierarchyNode: NODE,
  addNumbers: 'numbers { id }',
  moveNumbers: 'numbers { id }',
  deleteNumbers: 'deleted',
  setMacro: 'macro { value }',
  createApiKey: 'key',
};

async function mutate(name: string, input: object): Promise<Answer> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const source = `mutation ($input: ${type}!) { ${name}(input: $input) { ${SELECTIONS[name]} userErrors { code field message } } }`;
  return (await inventory.data<Record<string, Answer>>(source, { input }))[name] as Answer;
}

const codes = ({ userErrors }: Answer) => userErrors.map(({ code, field }) => `${code} ${field}`);

async function make(type: string, name: string, parent: string, rest: object = {}) {
  const { hierarchyNode, userErrors } = await mutate('createHierarchyNode', { parent, type, name, ...rest });
  if (!hierarchyNode) throw new Error(userErrors[0]?.message);
  return hierarchyNode;
}

const withCodes = (name = 'coded') =>
  make('CUSTOMER', name, inventory.nodes.reseller, { dialPlan: 'SITE_LOCATION_CODES' });

describe('site location codes', () => {
  test('a site of a customer that has them needs one that fits beside the others', async () => {
    const { id: parent, ...customer } = await withCodes();
    expect(customer).toMatchObject({ dialPlan: 'SITE_LOCATION_CODES', numberManagement: true, siteLocationCode: null });
    const site = (name: string, siteLocationCode?: string) =>
      mutate('createHierarchyNode', { parent, type: 'SITE', name, siteLocationCode });
    expect(codes(await site('a'))).toEqual(['REQUIRED siteLocationCode']);
    expect(codes(await site('a', 'x'))).toEqual(['INVALID siteLocationCode']);
    expect((await site('a', '81')).hierarchyNode).toMatchObject({ siteLocationCode: '81', dialPlan: null });
    expect(codes(await site('b', '81'))).toEqual(['ALREADY_EXISTS siteLocationCode']);
    expect(codes(await site('b', '8'))).toEqual(['DIAL_PLAN siteLocationCode']);
    expect(codes(await site('b', '812'))).toEqual(['DIAL_PLAN siteLocationCode']);
    expect(codes(await site('b', '82'))).toEqual([]);
  });

  test('other nodes have none', async () => {
    const { customer, reseller } = inventory.nodes;
    const flat = { parent: customer, type: 'SITE', name: 'a', siteLocationCode: '81' };
    expect(codes(await mutate('createHierarchyNode', flat))).toEqual(['DIAL_PLAN siteLocationCode']);
    const above = { parent: reseller, type: 'INTERMEDIATE', name: 'a', siteLocationCode: '8', dialPlan: 'FLAT' };
    expect(codes(await mutate('createHierarchyNode', above))).toEqual([
      'WRONG_NODE_TYPE dialPlan',
      'WRONG_NODE_TYPE siteLocationCode',
    ]);
  });

  test('of sites that are given colliding codes at the same instant one stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id: parent } = await withCodes(`coded ${round}`);
      const answers = await Promise.all(
        ['8', '81', '812', '81'].map((siteLocationCode, index) =>
          mutate('createHierarchyNode', { parent, type: 'SITE', name: `site ${index}`, siteLocationCode }),
        ),
      );
      expect(answers.filter(({ hierarchyNode }) => hierarchyNode)).toHaveLength(1);
    }
  });

  test('a code that is given between the look at the others and the commit is seen', async () => {
    const { id: parent } = await withCodes();
    const { id } = await make('SITE', 'a', parent, { siteLocationCode: '81' });
    // The next commit after the count is the one that gives the code.
    hook = {
      method: 'counts',
      when: 'after',
      run: () =>
        Promise.resolve(
          (hook = {
            method: 'commit',
            when: 'before',
            run: () => make('SITE', 'b', parent, { siteLocationCode: '7' }),
          }),
        ),
    };
    expect(codes(await mutate('updateHierarchyNode', { id, siteLocationCode: '71' }))).toEqual([
      'DIAL_PLAN siteLocationCode',
    ]);
  });

  test('numbers begin with the code of their site and live nowhere else', async () => {
    const { id: parent } = await withCodes();
    const a = await make('SITE', 'a', parent, { siteLocationCode: '81' });
    const b = await make('SITE', 'b', parent, { siteLocationCode: '82' });
    expect(codes(await mutate('addNumbers', { node: parent, numbers: ['8110'] }))).toEqual(['DIAL_PLAN node']);
    expect(codes(await mutate('addNumbers', { node: a.id, numbers: ['8110', '8210', '81', '8210'] }))).toEqual([
      'DIAL_PLAN numbers.1',
      'DIAL_PLAN numbers.2',
    ]);
    const { numbers = [] } = await mutate('addNumbers', { node: a.id, range: { start: '8110', end: '8111' } });
    expect(numbers).toHaveLength(2);
    const ids = numbers.map(({ id }) => id);
    expect(codes(await mutate('moveNumbers', { ids, node: b.id }))).toEqual(['DIAL_PLAN ids.0', 'DIAL_PLAN ids.1']);
  });

  test('a dial plan and a code change only while there are no numbers', async () => {
    const { id: parent } = await withCodes();
    const site = await make('SITE', 'a', parent, { siteLocationCode: '81' });
    const { numbers = [] } = await mutate('addNumbers', { node: site.id, numbers: ['8110'] });
    expect(codes(await mutate('updateHierarchyNode', { id: parent, dialPlan: 'FLAT' }))).toEqual([
      'NODE_IN_USE dialPlan',
    ]);
    expect(codes(await mutate('updateHierarchyNode', { id: site.id, siteLocationCode: '7' }))).toEqual([
      'NODE_IN_USE siteLocationCode',
    ]);
    // What stays the same is no change.
    const same = { dialPlan: 'SITE_LOCATION_CODES', name: 'recoded' };
    expect((await mutate('updateHierarchyNode', { id: parent, ...same })).hierarchyNode?.['name']).toBe('recoded');
    await mutate('deleteNumbers', { ids: numbers.map(({ id }) => id) });
    expect((await mutate('updateHierarchyNode', { id: site.id, siteLocationCode: '811' })).hierarchyNode).toMatchObject(
      {
        siteLocationCode: '811',
      },
    );
    expect((await mutate('updateHierarchyNode', { id: parent, dialPlan: 'FLAT' })).hierarchyNode).toMatchObject({
      dialPlan: 'FLAT',
    });
    const read = `query ($id: ID!) { ${NODE.replace('hierarchyNode', 'hierarchyNode(id: $id)')} }`;
    expect(await inventory.data(read, { id: site.id })).toMatchObject({ hierarchyNode: { siteLocationCode: null } });
    expect(codes(await mutate('addNumbers', { node: parent, numbers: ['1'] }))).toEqual([]);
  });

  test('while the plan is flat the codes of its sites rest, however many there are', async () => {
    const { id: parent } = await withCodes();
    const { id, path } = await make('SITE', 'a', parent, { siteLocationCode: '81' });
    const site = await inventory.store.get(nodeCollection, id);
    if (!site) throw new Error('no site');
    const { version: _, ...like } = site;
    const sites = Array.from({ length: 2_500 }, (__, index) => {
      const name = `s${index}`;
      return saveNode(
        { ...like, id: name, name, path: path.replace(id, name), siteLocationCode: `${70_000 + index}` },
        0,
      );
    });
    for (let from = 0; from < sites.length; from += 500)
      expect((await inventory.store.commit({ save: sites.slice(from, from + 500) })).ok).toBe(true);
    const { head } = await inventory.store.log.state();
    const codeOf = async () => {
      const read = `query ($id: ID!) { ${NODE.replace('hierarchyNode', 'hierarchyNode(id: $id)')} }`;
      const { hierarchyNode } = await inventory.data<{ hierarchyNode: object }>(read, { id });
      return (hierarchyNode as { siteLocationCode: string | null }).siteLocationCode;
    };
    expect(codes(await mutate('updateHierarchyNode', { id: parent, dialPlan: 'FLAT' }))).toEqual([]);
    expect((await inventory.store.log.state()).head).toBe(head + 1);
    expect(await codeOf()).toBeNull();
    for (const siteLocationCode of ['81', '82'])
      expect(codes(await mutate('updateHierarchyNode', { id, siteLocationCode }))).toEqual([
        'DIAL_PLAN siteLocationCode',
      ]);
    const free = await make('SITE', 'free', parent);
    await mutate('updateHierarchyNode', { id: parent, dialPlan: 'SITE_LOCATION_CODES' });
    expect(await codeOf()).toBe('81');
    expect(codes(await mutate('updateHierarchyNode', { id: free.id, siteLocationCode: '8' }))).toEqual([
      'DIAL_PLAN siteLocationCode',
    ]);
  });

  test('sites that were made under a flat plan get theirs afterwards', async () => {
    const { customer, site, otherSite } = inventory.nodes;
    await mutate('updateHierarchyNode', { id: customer, dialPlan: 'SITE_LOCATION_CODES' });
    expect(codes(await mutate('addNumbers', { node: site, numbers: ['8110'] }))).toEqual(['DIAL_PLAN node']);
    expect(codes(await mutate('updateHierarchyNode', { id: site, siteLocationCode: '81' }))).toEqual([]);
    expect(codes(await mutate('updateHierarchyNode', { id: otherSite, siteLocationCode: '8' }))).toEqual([
      'DIAL_PLAN siteLocationCode',
    ]);
    expect(codes(await mutate('addNumbers', { node: site, numbers: ['8110'] }))).toEqual([]);
  });

  test('a number that is added between the look for numbers and the change of the dial plan is seen', async () => {
    const { customer: id, site: node } = inventory.nodes;
    hook = { method: 'counts', when: 'after', run: () => mutate('addNumbers', { node, numbers: ['8110'] }) };
    const answer = await mutate('updateHierarchyNode', { id, dialPlan: 'SITE_LOCATION_CODES' });
    expect(codes(answer)).toEqual(['NODE_IN_USE dialPlan']);
  });
});

describe('what a node does not have cannot be changed', () => {
  test.each([
    ['site', { numberManagement: false }, 'WRONG_NODE_TYPE numberManagement'],
    ['site', { dialPlan: 'FLAT' }, 'WRONG_NODE_TYPE dialPlan'],
    ['customer', { siteLocationCode: '8' }, 'WRONG_NODE_TYPE siteLocationCode'],
    ['site', { siteLocationCode: '8' }, 'DIAL_PLAN siteLocationCode'],
    ['reseller', { numberManagement: true, name: ' ' }, 'REQUIRED name'],
  ] as const)('%s %j', async (node, input, refusal) => {
    expect(codes(await mutate('updateHierarchyNode', { id: inventory.nodes[node], ...input }))[0]).toBe(refusal);
  });
});

describe('retiring', () => {
  test('is refused while there are numbers or live nodes', async () => {
    const { customer, site, otherSite, provider } = inventory.nodes;
    const { numbers = [] } = await mutate('addNumbers', { node: site, numbers: ['1001'] });
    expect(codes(await mutate('retireHierarchyNode', { id: site }))).toEqual(['NODE_IN_USE id']);
    expect(codes(await mutate('retireHierarchyNode', { id: customer }))).toEqual(['NODE_IN_USE id']);
    expect(codes(await mutate('retireHierarchyNode', { id: provider }))).toEqual(['WRONG_NODE_TYPE id']);
    expect(codes(await mutate('retireHierarchyNode', { id: 'nowhere' }))).toEqual(['NOT_FOUND id']);
    await mutate('deleteNumbers', { ids: numbers.map(({ id }) => id) });
    for (const id of [site, otherSite, customer]) {
      expect((await mutate('retireHierarchyNode', { id })).hierarchyNode).toMatchObject({ id, retired: true });
    }
    const { head } = await inventory.store.log.state();
    expect((await mutate('retireHierarchyNode', { id: site })).hierarchyNode).toMatchObject({ retired: true });
    expect((await inventory.store.log.state()).head).toBe(head);
    const told = await inventory.store.log.read({ after: 0, types: ['HierarchyNodeRetired'], limit: 10 });
    expect(told.events.map(({ fields }) => [fields['id'], fields['retired']])).toEqual(
      [site, otherSite, customer].map((id) => [id, true]),
    );
  });

  test('a retired node takes nothing new and changes no more, and its name is free again', async () => {
    const { customer: parent, site: node } = inventory.nodes;
    const other = await make('CUSTOMER', 'closed', inventory.nodes.reseller);
    await mutate('retireHierarchyNode', { id: node });
    await mutate('retireHierarchyNode', { id: other.id });
    const refusals = [
      await mutate('addNumbers', { node, numbers: ['1'] }),
      await mutate('setMacro', { node, name: 'audiocodes_cooling_duration', value: '3' }),
      await mutate('setCoolingSettings', { node, days: 3 }),
      await mutate('createApiKey', { node, label: 'late', role: 'OPERATOR' }),
      await mutate('createHierarchyNode', { parent: other.id, type: 'SITE', name: 'late' }),
      await mutate('updateHierarchyNode', { id: other.id, numberManagement: false }),
      await mutate('updateHierarchyNode', { id: node, name: 'was here' }),
      await mutate('updateHierarchyNode', { id: node, name: 'site' }),
    ].flatMap(codes);
    expect(refusals).toEqual([
      ...Array.from({ length: 4 }, () => 'WRONG_NODE_TYPE node'),
      'WRONG_NODE_TYPE parent',
      'WRONG_NODE_TYPE numberManagement',
      'WRONG_NODE_TYPE name',
      'WRONG_NODE_TYPE name',
    ]);
    for (const closed of [await make('SITE', 'SITE', parent), await make('SITE', 'other', parent)])
      await mutate('retireHierarchyNode', { id: closed.id });
    const { hierarchyNode } = await mutate('createHierarchyNode', { parent, type: 'SITE', name: 'Site' });
    expect(hierarchyNode).toMatchObject({ name: 'Site', retired: false });
    expect(codes(await mutate('createHierarchyNode', { parent, type: 'SITE', name: 'site' }))).toEqual([
      'ALREADY_EXISTS name',
    ]);
  });

  test('the code of a retired site is free again', async () => {
    const { id: parent } = await withCodes();
    const { id } = await make('SITE', 'a', parent, { siteLocationCode: '81' });
    await mutate('retireHierarchyNode', { id });
    expect(await make('SITE', 'b', parent, { siteLocationCode: '8' })).toMatchObject({ siteLocationCode: '8' });
  });

  test('a site that is retired between two readings of it is given no code, which stays free', async () => {
    const { id: parent } = await withCodes();
    const { id } = await make('SITE', 'one', parent, { siteLocationCode: '81' });
    hook = { method: 'get', when: 'after', run: () => mutate('retireHierarchyNode', { id }) };
    const late = await mutate('updateHierarchyNode', { id, siteLocationCode: '82' });
    expect(codes(late)).toEqual(['WRONG_NODE_TYPE siteLocationCode']);
    expect(await make('SITE', 'another', parent, { siteLocationCode: '82' })).toMatchObject({ siteLocationCode: '82' });
  });

  test('a number that is added between the look for numbers and the retirement is seen', async () => {
    const { site: id } = inventory.nodes;
    hook = { method: 'counts', when: 'after', run: () => mutate('addNumbers', { node: id, numbers: ['1001'] }) };
    expect(codes(await mutate('retireHierarchyNode', { id }))).toEqual(['NODE_IN_USE id']);
  });

  test('a node that is retired between the decision to add and the commit gets no number', async () => {
    const { site } = inventory.nodes;
    hook = { method: 'commit', when: 'before', run: () => mutate('retireHierarchyNode', { id: site }) };
    expect(codes(await mutate('addNumbers', { node: site, numbers: ['1001'] }))).toEqual(['WRONG_NODE_TYPE node']);
  });

  test('a node that is made below between the look and the retirement is seen', async () => {
    const { otherCustomer: id } = inventory.nodes;
    hook = { method: 'counts', when: 'after', run: () => make('SITE', 'late', id) };
    expect(codes(await mutate('retireHierarchyNode', { id }))).toEqual(['NODE_IN_USE id']);
  });

  test('and adding at once: never both, whoever wins', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await make('SITE', `site ${round}`, inventory.nodes.customer);
      const [added, retired] = await Promise.all([
        mutate('addNumbers', { node: id, numbers: [`70${round}`] }),
        mutate('retireHierarchyNode', { id }),
      ]);
      expect([codes(added).length, codes(retired).length].sort()).toEqual([0, 1]);
    }
  });

  test("what a retirement that was killed leaves behind stands in nobody's way", async () => {
    const { site } = inventory.nodes;
    // Its first commit is the last: the mark.
    hook = { method: 'counts', when: 'before', run: () => Promise.reject(new Error('killed')) };
    await expect(mutate('retireHierarchyNode', { id: site })).rejects.toThrow('killed');
    expect((await inventory.store.get(nodeCollection, site))?.lookedAt).toBe(true);
    expect(codes(await mutate('addNumbers', { node: site, numbers: ['1001'] }))).toEqual([]);
    expect((await inventory.store.get(nodeCollection, site))?.lookedAt).toBeUndefined();
  });
});

test('intermediate nodes stand between any levels; numbers below are found at them and their administrators see no more', async () => {
  const { provider } = inventory.nodes;
  const region = await make('INTERMEDIATE', 'region', provider);
  const reseller = await make('RESELLER', 'inner reseller', region.id);
  const group = await make('INTERMEDIATE', 'group', reseller.id);
  const customer = await make('CUSTOMER', 'inner customer', group.id);
  const floor = await make('INTERMEDIATE', 'floor', customer.id);
  const site = await make('SITE', 'inner site', floor.id);
  expect(codes(await mutate('createHierarchyNode', { parent: site.id, type: 'INTERMEDIATE', name: 'x' }))).toEqual([
    'WRONG_NODE_TYPE type',
  ]);
  expect(codes(await mutate('createHierarchyNode', { parent: floor.id, type: 'CUSTOMER', name: 'x' }))).toEqual([
    'WRONG_NODE_TYPE type',
  ]);
  expect(codes(await mutate('addNumbers', { node: floor.id, numbers: ['1'] }))).toEqual(['WRONG_NODE_TYPE node']);
  await mutate('addNumbers', { node: site.id, numbers: ['1001', '1002'] });
  await mutate('addNumbers', { node: inventory.nodes.site, numbers: ['1001'] });
  const READ = `query ($within: ID) { numbers(filter: { within: $within }) { totalCount edges { node { id } } }
    hierarchyNodes(within: $within) { edges { node { name type } } } }`;
  for (const { id, path } of [region, group, floor]) {
    const at = { ...inventory.identity('CUSTOMER_ADMIN', 'provider'), node: id, path };
    const seen = await inventory.data<{
      numbers: { totalCount: number };
      hierarchyNodes: { edges: { node: object }[] };
    }>(READ, {}, at);
    expect(seen.numbers.totalCount).toBe(2);
    expect(seen.hierarchyNodes.edges.at(-1)?.node).toEqual({ name: 'inner site', type: 'SITE' });
    expect(seen.hierarchyNodes.edges.length).toBe(id === region.id ? 6 : id === group.id ? 4 : 2);
    const outside = await inventory.run(READ, { within: inventory.nodes.site }, at);
    expect(outside.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  }
});
