import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identity, openDesk, textOf, type Desk, type NodeName } from './desk.js';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk?.close());

const SHOWN = `{ id kind name line number cluster partition mac vendor hierarchyNode { id } createdAt updatedAt }`;
const REFUSALS = `userErrors { code field }`;

type Payload = {
  readonly numberService: { readonly id: string } | null;
  readonly deleted?: readonly string[];
  readonly userErrors: readonly { readonly code: string; readonly field: string | null }[];
};

async function mutate(name: string, input: object, as = identity('reseller')) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const answered = name === 'deleteNumberServices' ? 'deleted' : `numberService ${SHOWN}`;
  const source = `mutation ($input: ${type}!) { ${name}(input: $input) { ${answered} ${REFUSALS} } }`;
  const { data, error } = await desk.ask(source, { input }, as);
  const payload = data?.[name] as Payload | undefined;
  return {
    error,
    service: payload?.numberService ?? undefined,
    deleted: payload?.deleted,
    refused: payload?.userErrors.map(({ code, field }) => `${code} ${field}`),
  };
}

const create = (input: object, as = identity('reseller')) => mutate('createNumberService', input, as);
const update = (input: object, as = identity('reseller')) => mutate('updateNumberService', input, as);
const remove = (ids: readonly string[], as = identity('reseller')) => mutate('deleteNumberServices', { ids }, as);

let made = 0;
/** A phone at a node, of a name of its own. */
async function phone(node: NodeName = 'berlin', more: object = {}) {
  const mac = (made += 1).toString(16).padStart(12, '0');
  const fields = { node, kind: 'PHONE', name: `SEP${mac.toUpperCase()}`, number: String(70_000 + made), mac, ...more };
  const { service, refused } = await create(fields);
  if (!service) throw new Error(`refused: ${refused?.join(', ')}`);
  return { ...fields, ...service };
}

async function list(filter: object, as = identity('reseller'), first = 50) {
  const source = `query ($filter: NumberServiceFilter, $first: Int, $after: String) {
    numberServices(filter: $filter, first: $first, after: $after) { edges { node { name } } pageInfo { hasNextPage endCursor } }
  }`;
  const names: string[] = [];
  let after: string | undefined;
  do {
    const { data, error } = await desk.ask(source, { filter, first, after }, as);
    if (error) return error;
    const { edges, pageInfo } = data?.['numberServices'] as {
      edges: { node: { name: string } }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
    names.push(...edges.map(({ node }) => node.name));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined;
  } while (after);
  return names;
}

describe('a service', () => {
  it('is kept in its one form, at a site below an intermediate node', async () => {
    const given = { node: 'berlin', kind: 'PHONE', name: ' SEP1 ', number: '\\+4930100', mac: '0a-1b.2c:3d4E5f' };
    const { service, refused } = await create({ ...given, line: 2, cluster: ' east ', partition: ' internal ' });
    expect(refused).toEqual([]);
    const kept = {
      kind: 'PHONE',
      name: 'SEP1',
      line: 2,
      number: '+4930100',
      cluster: 'east',
      partition: 'internal',
      mac: '0A1B2C3D4E5F',
      vendor: null,
      hierarchyNode: { id: 'berlin' },
      createdAt: '2026-03-01T00:00:00.000Z',
      updatedAt: '2026-03-01T00:00:00.000Z',
    };
    expect(service).toMatchObject(kept);
    const one = await desk.ask(`query ($id: ID!) { numberService(id: $id) ${SHOWN} }`, { id: service?.id });
    expect(one.data?.['numberService']).toEqual(service);
  });

  it('has line 1 and neither cluster nor partition unless they are given', async () => {
    const { service } = await create({ node: 'acme', kind: 'HUNT_PILOT', name: 'Sales', number: '4000', cluster: '' });
    expect(service).toMatchObject({ line: 1, cluster: null, partition: null, mac: null, vendor: null });
  });

  it.each<[string, object, readonly string[]]>([
    ['no name', { name: ' ' }, ['REQUIRED name']],
    ['a name of 129 characters', { name: 'x'.repeat(129) }, ['OUT_OF_RANGE name']],
    ['a name with a control character', { name: 'a\u0000b' }, ['INVALID name']],
    ['half a character in its name', { name: 'a\uD800' }, ['INVALID name']],
    ['line 0', { line: 0 }, ['OUT_OF_RANGE line']],
    ['line 201', { line: 201 }, ['OUT_OF_RANGE line']],
    ['a number with letters', { number: '40a0' }, ['INVALID number']],
    ['no number', { number: '' }, ['REQUIRED number']],
    ['a number of 21 digits', { number: '1'.repeat(21) }, ['INVALID number']],
    ['a cluster with a slash', { cluster: 'a/b' }, ['INVALID cluster']],
    ['a cluster of 65 characters', { cluster: 'x'.repeat(65) }, ['INVALID cluster']],
    ['a partition of 129 characters', { partition: 'x'.repeat(129) }, ['OUT_OF_RANGE partition']],
    ['a phone without MAC', { mac: null }, ['REQUIRED mac']],
    ['a MAC of eleven digits', { mac: '00112233445' }, ['INVALID mac']],
    ['a MAC with a letter that is no digit', { mac: '00112233445G' }, ['INVALID mac']],
    ['a MAC of a hunt pilot', { kind: 'HUNT_PILOT' }, ['INVALID mac']],
    ['a vendor of a phone', { vendor: 'Poly' }, ['INVALID vendor']],
    ['a multi-vendor phone without vendor', { kind: 'MULTI_VENDOR_PHONE' }, ['REQUIRED vendor']],
    ['a vendor of 65 characters', { kind: 'MULTI_VENDOR_PHONE', vendor: 'x'.repeat(65) }, ['OUT_OF_RANGE vendor']],
    ['a node that is not there', { node: 'nowhere' }, ['NOT_FOUND node']],
    ['a reseller', { node: 'reseller' }, ['WRONG_NODE_TYPE node']],
    ['an intermediate node', { node: 'region' }, ['WRONG_NODE_TYPE node']],
    ['a retired site', { node: 'closed' }, ['WRONG_NODE_TYPE node']],
    [
      'everything at once',
      { node: 'nowhere', name: '', number: 'x', mac: 'x', vendor: 'Poly' },
      ['NOT_FOUND node', 'REQUIRED name', 'INVALID number', 'INVALID mac', 'INVALID vendor'],
    ],
  ])('with %s is refused by the name of the field', async (_, fields, refused) => {
    const fit = { node: 'berlin', kind: 'PHONE', name: 'Unfit', number: '4999', mac: 'FF0000000000' };
    expect(await create({ ...fit, ...fields })).toMatchObject({ refused, service: undefined });
    expect(await list({ nameStartsWith: 'Unfit' })).toEqual([]);
  });

  it('of the vendor it has may be a multi-vendor phone, with or without a MAC', async () => {
    const fields = { node: 'berlin', kind: 'MULTI_VENDOR_PHONE', number: '4100', vendor: ' Poly ' };
    expect((await create({ ...fields, name: 'vvx' })).service).toMatchObject({ vendor: 'Poly', mac: null });
    const withMac = await create({ ...fields, name: 'vvx mac', mac: 'F1:00:00:00:00:01' });
    expect(withMac.service).toMatchObject({ mac: 'F10000000001' });
  });

  it('is unique by kind, name, line and cluster, and by MAC, line and cluster, in its customer', async () => {
    const first = { node: 'berlin', kind: 'PHONE', name: 'SEPUNIQUE', number: '4200', mac: 'F20000000001' };
    expect((await create({ ...first, cluster: 'east' })).refused).toEqual([]);
    const again = (fields: object) => create({ ...first, cluster: 'east', ...fields });
    expect((await again({ node: 'munich', mac: 'F20000000002' })).refused).toEqual(['ALREADY_EXISTS name']);
    expect((await again({ node: 'munich', name: 'Other' })).refused).toEqual(['ALREADY_EXISTS mac']);
    const vendor = { kind: 'MULTI_VENDOR_PHONE', vendor: 'Poly' };
    expect((await again({ ...vendor })).refused).toEqual(['ALREADY_EXISTS mac']);
    expect((await again({})).refused).toEqual(['ALREADY_EXISTS name', 'ALREADY_EXISTS mac']);
    for (const other of [{ line: 2 }, { cluster: 'west' }, { cluster: null }, { node: 'oslo' }])
      expect((await again(other)).refused).toEqual([]);
    expect((await again({ kind: 'DEVICE_PROFILE', mac: null })).refused).toEqual([]);
  });

  it('is made once when several make it at the same instant, and the others are told what is taken', async () => {
    for (const [fields, field] of [
      [{ name: 'SEPRACE', mac: undefined }, 'name'],
      [{ name: undefined, mac: 'F30000000001' }, 'mac'],
    ] as const) {
      const answers = await Promise.all(
        ['A', 'B', 'C', 'D'].map((each, index) =>
          create({
            node: index % 2 ? 'berlin' : 'munich',
            kind: 'PHONE',
            number: `430${index}`,
            name: fields.name ?? `SEPRACE${each}`,
            mac: fields.mac ?? `F3${each.repeat(10)}`,
          }),
        ),
      );
      expect(answers.filter(({ service }) => service)).toHaveLength(1);
      expect(answers.flatMap(({ refused }) => refused)).toEqual(Array(3).fill(`ALREADY_EXISTS ${field}`));
    }
  });
});

describe('a change of a service', () => {
  it('takes what is given, and leaves the rest', async () => {
    const before = await phone('berlin', { cluster: 'east', partition: 'internal' });
    desk.clock.advance(1_000);
    const { service } = await update({ id: before.id, number: '\\+4930200', name: null });
    expect(service).toMatchObject({
      name: before.name,
      number: '+4930200',
      cluster: 'east',
      partition: 'internal',
      createdAt: '2026-03-01T00:00:00.000Z',
      updatedAt: '2026-03-01T00:00:01.000Z',
    });
    const cleared = await update({ id: before.id, cluster: null, partition: '' });
    expect(cleared.service).toMatchObject({ cluster: null, partition: null, number: '+4930200' });
  });

  it('that says what is there already writes nothing', async () => {
    const { id, number, name, mac } = await phone();
    const stored = async () => (await desk.ask(`query ($id: ID!) { numberService(id: $id) ${SHOWN} }`, { id })).data;
    const before = await stored();
    desk.clock.advance(1_000);
    expect((await update({ id, number, name, mac })).refused).toEqual([]);
    expect(await stored()).toEqual(before);
  });

  it('takes a MAC off what needs none, and off no phone', async () => {
    const { service } = await create({
      node: 'berlin',
      kind: 'MULTI_VENDOR_PHONE',
      name: 'vvx of a change',
      number: '4400',
      vendor: 'Poly',
      mac: 'F40000000001',
    });
    expect((await update({ id: service?.id, mac: null })).service).toMatchObject({ mac: null, vendor: 'Poly' });
    expect((await update({ id: service?.id, vendor: '' })).refused).toEqual(['REQUIRED vendor']);
    const { id } = await phone();
    expect((await update({ id, mac: '' })).refused).toEqual(['REQUIRED mac']);
    expect((await update({ id, vendor: 'Poly', number: 'x' })).refused).toEqual(['INVALID number', 'INVALID vendor']);
  });

  it('to what another one is called is refused by the field that says so', async () => {
    const one = await phone('berlin', { cluster: 'north' });
    const other = await phone('munich', { cluster: 'north' });
    const moved = await phone('munich', { cluster: 'south', name: one.name });
    expect((await update({ id: other.id, name: one.name })).refused).toEqual(['ALREADY_EXISTS name']);
    expect((await update({ id: other.id, mac: one.mac })).refused).toEqual(['ALREADY_EXISTS mac']);
    expect((await update({ id: moved.id, cluster: 'north' })).refused).toEqual(['ALREADY_EXISTS cluster']);
    expect((await update({ id: other.id, name: one.name, cluster: 'west' })).refused).toEqual([]);
  });

  it('of several at the same instant to one name is done once', async () => {
    const phones = await Promise.all([phone(), phone('munich'), phone()]);
    const answers = await Promise.all(phones.map(({ id }) => update({ id, name: 'SEPRENAMED' })));
    expect(answers.flatMap(({ refused }) => refused)).toEqual(['ALREADY_EXISTS name', 'ALREADY_EXISTS name']);
  });

  it('of one that is gone is refused', async () => {
    const { id } = await phone();
    expect(await remove([id])).toMatchObject({ deleted: [id], refused: [] });
    expect((await update({ id, number: '1' })).refused).toEqual(['NOT_FOUND id']);
  });
});

describe('a number', () => {
  it('is shared by at most 1,000 services of a customer', async () => {
    const { id, number } = await phone('berlin', { number: '8000' });
    const last = await phone('munich', { number: '8001' });
    const others = Array.from({ length: 999 }, (_, index) => `VOICEMAIL_PILOT,Shared ${index},${number},berlin`);
    await textOf(
      await desk.upload('', { key: 'shared', body: ['kind,name,number,node', ...others.slice(1)].join('\n') }),
    );
    const full = ['OUT_OF_RANGE number'];
    const fields = { node: 'munich', kind: 'VOICEMAIL_PILOT', name: 'Shared', number };
    expect((await create(fields)).refused).toEqual([]);
    expect((await create({ ...fields, name: 'Shared 0' })).refused).toEqual(full);
    expect((await update({ id: last.id, number })).refused).toEqual(full);
    expect((await update({ id, partition: 'internal', number })).refused).toEqual([]);
    expect((await create({ ...fields, node: 'oslo' })).refused).toEqual([]);
    expect((await update({ id, number: '8002' })).refused).toEqual([]);
    expect((await update({ id: last.id, number })).refused).toEqual([]);
  });
});

describe('the deletion of services', () => {
  it('takes those it can and names the place of each it cannot', async () => {
    const one = await phone();
    const two = await phone('oslo');
    const foreign = await phone('oslo');
    const ids = [one.id, 'nothing', foreign.id, one.id, two.id];
    expect(await remove(ids, identity('acme'))).toMatchObject({
      deleted: [one.id],
      refused: ['NOT_FOUND ids.1', 'NOT_FOUND ids.2', 'NOT_FOUND ids.4'],
    });
    expect((await remove([two.id])).deleted).toEqual([two.id]);
  });

  it('takes 1,000 and no more, and not none', async () => {
    const ids = Array.from({ length: 1_001 }, (_, index) => `none-${index}`);
    expect(await remove(ids)).toMatchObject({ deleted: [], refused: ['OUT_OF_RANGE ids'] });
    expect((await remove(ids.slice(1))).refused).toHaveLength(1_000);
    expect((await remove([])).refused).toEqual(['REQUIRED ids']);
  });
});

describe('services', () => {
  beforeAll(async () => {
    for (const [node, name, kind, number] of [
      ['acme', 'L-b', 'CALL_PARK', '5001'],
      ['berlin', 'L-a', 'CALL_PARK', '5002'],
      ['berlin', 'L-c', 'MEET_ME', '5001'],
      ['munich', 'L-d', 'MEET_ME', '+5001'],
      ['oslo', 'L-e', 'CALL_PARK', '5001'],
    ])
      expect((await create({ node, name, kind, number })).refused).toEqual([]);
  });

  it.each<[object, readonly string[]]>([
    [{ nameStartsWith: 'L-' }, ['L-a', 'L-b', 'L-c', 'L-d', 'L-e']],
    [{ nameStartsWith: 'L-', within: 'acme' }, ['L-a', 'L-b', 'L-c', 'L-d']],
    [{ nameStartsWith: 'L-', within: 'region' }, ['L-a', 'L-c']],
    [{ nameStartsWith: 'L-', kind: 'CALL_PARK' }, ['L-a', 'L-b', 'L-e']],
    [{ nameStartsWith: 'L-', kind: 'CALL_PARK', within: 'zeta' }, ['L-e']],
    [{ number: '5001', within: 'acme' }, ['L-b', 'L-c']],
    [{ number: '\\+5001' }, ['L-d']],
    [{ number: '5001', kind: 'MEET_ME' }, ['L-c']],
    [{ kind: 'MEET_ME', nameStartsWith: '' }, ['L-c', 'L-d']],
    [{ nameStartsWith: 'l-' }, []],
  ])('%j are these, in order, whatever the size of the page', async (filter, names) => {
    for (const first of [1, 2, 50]) {
      const found = await list(filter, identity('reseller'), first);
      expect('number' in filter ? [...found].sort() : found).toEqual(names);
    }
  });

  it.each<[object, string]>([
    [{ within: 'nowhere' }, 'BAD_USER_INPUT filter.within'],
    [{ number: '5001', nameStartsWith: 'L' }, 'BAD_USER_INPUT filter.nameStartsWith'],
    [{ number: 'five' }, 'BAD_USER_INPUT filter.number'],
    [{ nameStartsWith: 'x'.repeat(129) }, 'BAD_USER_INPUT filter.nameStartsWith'],
    [{ nameStartsWith: 'a\uD800' }, 'BAD_USER_INPUT filter.nameStartsWith'],
  ])('%j are asked for in vain', async (filter, error) => {
    expect(await list(filter)).toBe(error);
  });

  it('come at most 500 at a time, and only after a cursor of the same list', async () => {
    expect(await list({}, identity('reseller'), 501)).toBe('BAD_USER_INPUT first');
    const source = `query ($after: String) { numberServices(after: $after) { edges { cursor } } }`;
    const foreign = Buffer.from('["zeta","L-e","x"]').toString('base64url');
    for (const after of ['nonsense', foreign])
      expect((await desk.ask(source, { after })).error).toBe('BAD_USER_INPUT after');
  });

  it('are seen at their node and above, and by nobody beside', async () => {
    const { id } = await phone('berlin', { name: 'Hidden' });
    const asked = async (as: Parameters<typeof identity>[0]) => {
      const found = await list({ nameStartsWith: 'Hidden' }, identity(as));
      const source = `query ($id: ID!, $all: [_Any!]!) {
        numberService(id: $id) { id }
        _entities(representations: $all) { ... on NumberService { id } }
      }`;
      const all = [
        { __typename: 'NumberService', id },
        { __typename: 'NumberService', id: 'nothing' },
      ];
      const { data } = await desk.ask(source, { id, all }, identity(as));
      return [found, data?.['numberService'], data?.['_entities']];
    };
    for (const above of ['provider', 'reseller', 'acme', 'region', 'berlin'] as const)
      expect(await asked(above)).toEqual([['Hidden'], { id }, [{ id }, null]]);
    for (const beside of ['munich', 'zeta', 'oslo'] as const) {
      expect(await asked(beside)).toEqual([[], null, [null, null]]);
      expect((await update({ id, number: '1' }, identity(beside))).refused).toEqual(['NOT_FOUND id']);
      expect((await remove([id], identity(beside))).refused).toEqual(['NOT_FOUND ids.0']);
      expect(await list({ within: 'berlin' }, identity(beside))).toBe('BAD_USER_INPUT filter.within');
      const fields = { node: 'berlin', kind: 'MEET_ME', name: 'Sneaked', number: '1' };
      expect((await create(fields, identity(beside))).refused).toEqual(['NOT_FOUND node']);
    }
  });

  it('are changed by reseller administrators and above, and read by who may read more than numbers', async () => {
    const fields = { node: 'acme', kind: 'MEET_ME', name: 'Powers', number: '1' };
    for (const role of ['CUSTOMER_ADMIN', 'SITE_ADMIN', 'OPERATOR', 'PARTNER']) {
      expect((await create(fields, identity('acme', role))).error).toBe('FORBIDDEN');
      const read = await list({ nameStartsWith: 'L-b' }, identity('acme', role));
      expect(read).toEqual(role === 'PARTNER' ? 'FORBIDDEN' : ['L-b']);
    }
    expect((await create(fields, identity('provider', 'PROVIDER_ADMIN'))).refused).toEqual([]);
  });
});
