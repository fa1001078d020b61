import { askRoute, type RouteAnswer } from '@numberyard/kit/service/routes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { caller, openAudit, type AuditWorld } from './support/audit-world.js';

let world: AuditWorld;
beforeEach(async () => {
  world = await openAudit();
  const run = await world.keep('r1', 'acme');
  const shown = { vendor: null, releaseDate: null, node: 'berlin' };
  await world.find(
    run,
    { kind: 'DUPLICATE_PHONE', outcome: 'REPORTED', cause: '=SUM(A1), "twice"' },
    {
      number: '+4930200',
      before: { ...shown, status: 'AVAILABLE', usage: [] },
      after: { ...shown, status: 'USED', usage: ['DEVICE', 'HUNT_PILOT'] },
    },
    { number: '+4930100', kind: 'FREED' },
  );
});
afterEach(() => world.close());

async function ask(file: string, search: Readonly<Record<string, string>>, identity = caller('acme')) {
  const answer: RouteAnswer = await askRoute(world.subgraph.routes ?? new Map(), 'GET', {
    path: `/export/audit-findings.${file}`,
    search: new URLSearchParams(search),
    headers: {},
    identity,
    requestId: 'r',
    body: (async function* () {})(),
    signal: new AbortController().signal,
  });
  let text = '';
  for await (const chunk of answer.body) text += String(chunk);
  return { headers: answer.headers, text };
}
const lines = async (search: Readonly<Record<string, string>>) =>
  (await ask('jsonl', { run: 'r1', ...search })).text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

test('findings are a CSV file that no spreadsheet runs', async () => {
  const { headers, text } = await ask('csv', { run: 'r1' });
  expect(headers['content-disposition']).toBe('attachment; filename="audit-findings.csv"');
  expect(text.split('\r\n').slice(0, 3)).toEqual([
    'number,kind,outcome,beforeStatus,beforeUsage,beforeVendor,beforeReleaseDate,beforeNode,afterStatus,afterUsage,afterVendor,afterReleaseDate,afterNode,cause,resolution,time,id',
    `,DUPLICATE_PHONE,REPORTED,,,,,,,,,,,"'=SUM(A1), ""twice""",Ensure phones are not duplicated across the clusters,2026-02-01T00:00:00.000Z,r1.1`,
    `'+4930200,MARKED_USED,PROPOSED,AVAILABLE,,,,berlin,USED,DEVICE HUNT_PILOT,,,berlin,A phone uses it.,,2026-02-01T00:00:00.000Z,r1.2`,
  ]);
  expect((await ask('csv', { run: 'r1', bom: '1' })).text).toMatch(/^\uFEFFnumber,/);
});

test('findings are JSON lines, narrowed as in the graph, and gone on with after the last whole line', async () => {
  const ids = async (search: Readonly<Record<string, string>>) => (await lines(search)).map(({ id }) => id);
  expect(await ids({})).toEqual(['r1.1', 'r1.2', 'r1.3']);
  expect(await ids({ after: 'r1.1' })).toEqual(['r1.2', 'r1.3']);
  expect(await ids({ kind: 'FREED' })).toEqual(['r1.3']);
  expect(await ids({ numberStartsWith: '+4930' })).toEqual(['r1.3', 'r1.2']);
  expect(await ids({ numberStartsWith: '\\+4930' })).toEqual(['r1.3', 'r1.2']);
  expect(await ids({ numberStartsWith: '+4930', after: 'r1.3' })).toEqual(['r1.2']);
  expect(await ids({ kind: 'FREED', numberStartsWith: '+4930', after: 'r1.3' })).toEqual([]);
  expect((await lines({ after: 'r1.1' }))[0]).toMatchObject({
    afterUsage: ['DEVICE', 'HUNT_PILOT'],
    beforeVendor: null,
  });
});

test('an export that is gone on with has no header', async () => {
  expect((await ask('csv', { run: 'r1', after: 'r1.2' })).text).toMatch(/^'\+4930100,FREED/);
});

test('more findings than a page are all there, each once', async () => {
  const run = await world.keep('r2', 'acme');
  await world.find(run, ...Array.from({ length: 900 }, (_, at) => ({ number: `49${1000 + at}` })));
  const { text } = await ask('jsonl', { run: 'r2' });
  const ids = text
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { id: string }).id);
  expect([ids.length, new Set(ids).size]).toEqual([900, 900]);
});

test.each([
  ['no run', {}, 'run'],
  ['an unknown run', { run: 'nowhere' }, 'run'],
  ['a kind that is none', { run: 'r1', kind: 'WRONG' }, 'kind'],
  ['an empty beginning', { run: 'r1', numberStartsWith: '' }, 'numberStartsWith'],
  ['a finding that is none', { run: 'r1', after: 'r9.1' }, 'after'],
  ['a finding of another kind', { run: 'r1', kind: 'FREED', after: 'r1.2' }, 'after'],
  ['a finding without a number where numbers order it', { run: 'r1', numberStartsWith: '+49', after: 'r1.1' }, 'after'],
  ['what is no parameter', { run: 'r1', format: 'x' }, 'format'],
])('is refused by name with %s', async (_, search, field) => {
  await expect(ask('csv', search)).rejects.toMatchObject({ status: 400, code: 'BAD_USER_INPUT', details: { field } });
});

test('the findings of a customer out of sight are told of like those that are not there', async () => {
  const refusal = { status: 400, details: { field: 'run' } };
  await expect(ask('csv', { run: 'r1' }, caller('zeta'))).rejects.toMatchObject(refusal);
  await expect(ask('csv', { run: 'r1' }, caller('berlin'))).rejects.toMatchObject(refusal);
  await expect(ask('csv', { run: 'r1' }, caller('acme', 'PARTNER'))).rejects.toMatchObject({ status: 403 });
});
