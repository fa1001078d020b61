import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caller, openAudit, type AuditWorld } from './support/audit-world.js';

let world: AuditWorld;
beforeEach(async () => {
  world = await openAudit();
});
afterEach(() => world.close());

interface Page<T> {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}
type Id = { readonly id: string };

const LIST = `query ($customer: ID, $state: AuditRunState, $first: Int, $after: String) {
  auditRuns(customer: $customer, state: $state, first: $first, after: $after) {
    edges { node { id level dryRun state customer { id } sites { id } sourcesAsOf { name } } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const runs = async (variables = {}, identity = caller('p')) =>
  (await world.ask(LIST, identity, variables)).data?.['auditRuns'] as Page<Id>;
const ids = (page: Page<Id> | undefined) => page?.edges.map((edge) => edge.node.id);

describe('audit runs', () => {
  it('are none while there are none', async () => {
    expect(await runs()).toEqual({ edges: [], pageInfo: { hasNextPage: false, endCursor: null } });
  });

  it('are listed and shown to whoever is at their customer or above, and not to a sibling or a site', async () => {
    await world.keep('r1', 'acme', { level: 'SITE', sites: ['berlin'] });
    const node = {
      id: 'r1',
      level: 'SITE',
      dryRun: true,
      state: 'SUCCEEDED',
      customer: { id: 'acme' },
      sites: [{ id: 'berlin' }],
      sourcesAsOf: [],
    };
    const one = `{ auditRun(id: "r1") { id } }`;
    for (const above of ['p', 'acme'] as const) {
      expect((await runs({}, caller(above))).edges).toEqual([{ node }]);
      expect((await world.ask(one, caller(above))).data).toEqual({ auditRun: { id: 'r1' } });
    }
    for (const other of ['zeta', 'berlin'] as const) {
      expect((await runs({}, caller(other))).edges).toEqual([]);
      expect((await world.ask(one, caller(other))).data).toEqual({ auditRun: null });
    }
  });

  it('are paged newest first, each once, and narrowed to a state', async () => {
    for (const day of ['02', '01', '03']) {
      const state = day === '01' ? 'FAILED' : 'SUCCEEDED';
      await world.keep(`r-${day}`, 'acme', { queuedAt: `2026-02-${day}T00:00:00.000Z`, state });
    }
    const first = await runs({ first: 2 });
    const second = await runs({ first: 2, after: first.pageInfo.endCursor });
    expect([ids(first), ids(second)]).toEqual([['r-03', 'r-02'], ['r-01']]);
    expect(ids(await runs({ state: 'FAILED' }))).toEqual(['r-01']);
  });

  it('of a node made a moment ago are found by catching up with its owner', async () => {
    await world.subgraph.start();
    await world.keep('r1', 'acme');
    await world.announce('p', 'acme');
    expect(ids(await runs({ customer: 'acme' }))).toEqual(['r1']);
  });

  it('refuse a node beside the caller, one above it and an unknown one with the same code', async () => {
    await world.subgraph.start();
    await world.announce('p', 'acme', 'zeta');
    for (const customer of ['zeta', 'p', 'nowhere']) {
      expect(await world.ask(LIST, caller('acme'), { customer })).toEqual({ data: null, codes: ['BAD_USER_INPUT'] });
    }
  });

  it('are not for a partner key, which may read numbers only', async () => {
    expect((await world.ask(LIST, caller('p', 'PARTNER'))).codes).toEqual(['FORBIDDEN']);
  });

  it('refuse a page cursor that is none of this list', async () => {
    for (const after of ['nonsense', Buffer.from('["only one"]').toString('base64url')]) {
      expect((await world.ask(LIST, caller('p'), { after })).codes).toEqual(['BAD_USER_INPUT']);
    }
  });

  it('are resolved by reference in one read, and none to what the caller does not see', async () => {
    await world.keep('r1', 'acme');
    await world.keep('r2', 'zeta');
    const reads = countReads();
    const references = ['r1', 'r2', 'r3'].map((id) => `{ __typename: "AuditRun", id: "${id}" }`).join(' ');
    const { data } = await world.ask(
      `{ _entities(representations: [${references}]) { ... on AuditRun { id } } }`,
      caller('acme'),
    );
    expect(data).toEqual({ _entities: [{ id: 'r1' }, null, null] });
    expect(reads()).toBe(1);
  });

  it('tell how far they have come by number only while they go through numbers', async () => {
    await world.keep('r1', 'acme', { phase: 'PHONES', upTo: '001122334455' });
    await world.keep('r2', 'acme', { phase: 'NUMBERS', upTo: '+49301', compared: 7, total: 9 });
    await world.keep('r3', 'acme', { trigger: 'APPLY', applies: 'r2', upTo: '17' });
    const shown = async (id: string) =>
      (await world.ask(`{ auditRun(id: "${id}") { progress { compared total upTo } applies { id } } }`)).data;
    expect(await shown('r1')).toMatchObject({ auditRun: { progress: { upTo: null }, applies: null } });
    expect(await shown('r2')).toMatchObject({ auditRun: { progress: { compared: 7, total: 9, upTo: '+49301' } } });
    expect(await shown('r3')).toMatchObject({ auditRun: { progress: { upTo: null }, applies: { id: 'r2' } } });
  });
});

const FINDINGS = `query ($filter: AuditFindingFilter, $first: Int, $after: String) {
  auditRun(id: "r1") {
    findings(filter: $filter, first: $first, after: $after) {
      edges { node { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;
const found = async (variables = {}) => {
  const { data } = await world.ask(FINDINGS, caller('p'), variables);
  return (data?.['auditRun'] as { findings: Page<Id> }).findings;
};

describe('findings', () => {
  it('of a run below its own findings are told, but not without end', async () => {
    const run = await world.keep('round', 'acme');
    await world.find(run, ...Array.from({ length: 170 }, () => ({})));
    const source = `query ($first: Int) {
      auditRun(id: "round") { findings(first: $first) { edges { node { run { findings(first: $first) { edges { node { id } } } } } } } }
    }`;
    const told = await world.ask(source, caller('acme'), { first: 50 });
    expect([told.codes, JSON.stringify(told.data).split('round.').length - 1]).toEqual([[], 2_500]);
    const { codes } = await world.ask(source, caller('acme'), { first: 170 });
    expect(new Set(codes)).toEqual(new Set(['BAD_USER_INPUT']));
  });

  beforeEach(async () => {
    const run = await world.keep('r1', 'acme');
    await world.find(
      run,
      { kind: 'DUPLICATE_PHONE', outcome: 'REPORTED' },
      { number: '4930200', numberId: 'acme:4930200' },
      { number: '4930100', numberId: 'acme:4930100' },
      { number: '4940100', numberId: 'acme:4940100', kind: 'FREED' },
    );
  });

  it('come in the order they were made, page by page', async () => {
    const first = await found({ first: 3 });
    expect(ids(first)).toEqual(['r1.1', 'r1.2', 'r1.3']);
    expect(ids(await found({ first: 3, after: first.pageInfo.endCursor }))).toEqual(['r1.4']);
  });

  it.each([
    ['of a kind', { kind: 'MARKED_USED' }, ['r1.2', 'r1.3']],
    ['about numbers with a beginning, in order of number', { numberStartsWith: '4930' }, ['r1.3', 'r1.2']],
    ['of both', { numberStartsWith: '49', kind: 'FREED' }, ['r1.4']],
    ['of a kind that was not found', { kind: 'CREATED' }, []],
  ])('%s alone are given where that is asked for', async (_, filter, expected) => {
    expect(ids(await found({ filter }))).toEqual(expected);
  });

  it('are not looked for by an empty or an endless beginning', async () => {
    for (const numberStartsWith of ['', '4'.repeat(65)]) {
      const { codes } = await world.ask(FINDINGS, caller('p'), { filter: { numberStartsWith } });
      expect(codes).toEqual(['BAD_USER_INPUT']);
    }
  });

  it('refuse a cursor of another filter', async () => {
    const { pageInfo } = await found({ first: 1, filter: { kind: 'MARKED_USED' } });
    const { codes } = await world.ask(FINDINGS, caller('p'), { after: pageInfo.endCursor });
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  it('say what the documents say to do about them', async () => {
    const { data } = await world.ask(
      '{ auditRun(id: "r1") { findings(first: 2) { edges { node { kind resolution number run { id } } } } } }',
    );
    expect(data).toEqual({
      auditRun: {
        findings: {
          edges: [
            {
              node: {
                kind: 'DUPLICATE_PHONE',
                resolution: 'Ensure phones are not duplicated across the clusters',
                number: null,
                run: { id: 'r1' },
              },
            },
            { node: { kind: 'MARKED_USED', resolution: null, number: '4930200', run: { id: 'r1' } } },
          ],
        },
      },
    });
  });
});

describe('the last audit of a number', () => {
  const ask = (numbers: readonly string[], identity = caller('p')) =>
    world.ask(
      `query ($numbers: [_Any!]!) {
        _entities(representations: $numbers) {
          ... on InventoryNumber { id lastAudit { id run { id } before { hierarchyNode { id } } after { hierarchyNode { id } } } }
        }
      }`,
      identity,
      { numbers: numbers.map((id) => ({ __typename: 'InventoryNumber', id })) },
    );
  const lastAudits = async (numbers: readonly string[], identity = caller('p')) => {
    const { data, codes } = await ask(numbers, identity);
    expect(codes).toEqual([]);
    return (data?.['_entities'] as { lastAudit: unknown }[]).map(({ lastAudit }) => lastAudit);
  };

  beforeEach(async () => {
    await world.know('p', 'acme', 'berlin', 'paris');
    const shown = { status: 'USED', usage: ['DEVICE'], vendor: null, releaseDate: null };
    const first = await world.keep('r1', 'acme');
    await world.find(first, { number: '1', numberId: 'acme:1' }, { number: '2', numberId: 'acme:2' });
    const second = await world.keep('r2', 'acme');
    await world.find(second, {
      number: '1',
      numberId: 'acme:1',
      path: 'p.acme.berlin',
      before: { ...shown, node: 'paris' },
      after: { ...shown, node: 'berlin' },
    });
  });

  it('is the latest finding about it, in two reads for all numbers of an operation', async () => {
    const reads = countReads();
    const many = [...Array(200).keys()].map((at) => `acme:${at}`);
    const told = (await lastAudits(many)) as ({ id: string } | null)[];
    expect(told.flatMap((each) => (each ? [each.id] : []))).toEqual(['r2.1', 'r1.2']);
    // Last findings, findings, their runs, and the nodes shown in them.
    expect(reads()).toBe(4);
  });

  it('is told to whoever sees where it was found; of a run and a node out of sight it says nothing', async () => {
    const whole = { id: 'r2.1', run: { id: 'r2' }, before: { hierarchyNode: { id: 'paris' } } };
    const brief = { id: 'r2.1', run: null, before: { hierarchyNode: null } };
    const after = { hierarchyNode: { id: 'berlin' } };
    expect(await lastAudits(['acme:1'], caller('acme'))).toEqual([{ ...whole, after }]);
    expect(await lastAudits(['acme:1'], caller('berlin'))).toEqual([{ ...brief, after }]);
    expect(await lastAudits(['acme:2', 'acme:1'], caller('paris'))).toEqual([null, null]);
    expect(await lastAudits(['acme:1'], caller('zeta'))).toEqual([null]);
  });

  it('is forbidden to a key that reads numbers only, for each number apart, and nothing else of them', async () => {
    const reads = countReads();
    const { data, codes } = await ask(['acme:1', 'acme:2'], caller('acme', 'PARTNER'));
    expect(codes).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(data).toEqual({
      _entities: [
        { id: 'acme:1', lastAudit: null },
        { id: 'acme:2', lastAudit: null },
      ],
    });
    expect(reads()).toBe(0);
  });
});

describe('the health', () => {
  it('is good while the store answers, and says what is wrong once it is closed', async () => {
    await world.subgraph.start();
    await world.subgraph.health();
    await world.store.close();
    await expect(world.subgraph.health()).rejects.toThrow(/closed/i);
  });

  it('is bad while the hierarchy cannot be followed', async () => {
    world.owner.log.state = () => Promise.reject(new Error('unreachable'));
    await world.subgraph.start();
    const problem = await waitUntil('the health to turn', () =>
      world.subgraph.health().then(
        () => undefined,
        (error: unknown) => String(error),
      ),
    );
    expect(problem).toContain('the follower of number-inventory is failing: unreachable');
  });
});

/** @returns how often documents were read by their ids since */
function countReads(): () => number {
  const { store } = world;
  const getMany = store.getMany.bind(store);
  let reads = 0;
  store.getMany = (collection, wanted) => {
    reads += 1;
    return getMany(collection, wanted);
  };
  return () => reads;
}
