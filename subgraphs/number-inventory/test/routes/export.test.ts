import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openInventory, type TestInventory } from '../inventory.js';
import { askStream, askText, refusalOf, textOf } from './ask.js';

let test: TestInventory;
const admin = () => test.identity('CUSTOMER_ADMIN', 'customer');

beforeAll(async () => {
  test = await openInventory();
  const add = (node: string, start: string, end: string, description: string) =>
    test.data(`mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { userErrors { message } } }`, {
      input: { node, range: { start, end }, description },
    });
  await add(test.nodes.site, '+49301000', '+49301999', '=HYPERLINK("http://x"),"a"');
  await add(test.nodes.site, '+49302000', '+49302199', '=HYPERLINK("http://x"),"a"');
  await add(test.nodes.otherSite, '7000', '7004', 'zweite\nZeile');
  await add(test.nodes.otherCustomer, '9000', '9001', 'somebody else');
  await test.data(
    `mutation ($input: ReserveNumbersInput!) { reserveNumbers(input: $input) { userErrors { message } } }`,
    { input: { ids: [7001, 7003].map((number) => `${test.nodes.customer}:${number}`), notes: '@me', days: 3 } },
  );
});

afterAll(() => test?.close());

const jsonLines = async (search = '', as = admin()) =>
  (await askText(test, as, `/export/numbers.jsonl${search}`))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it('holds every number of the caller, and no other, in order', async () => {
  const lines = await jsonLines();
  expect(lines.map(({ number }) => number)).toEqual([
    ...Array.from({ length: 1_200 }, (_, index) => `+4930${1_000 + index}`),
    ...['7000', '7001', '7002', '7003', '7004'],
  ]);
  expect(lines.at(-2)).toMatchObject({
    number: '7003',
    status: 'RESERVED',
    reservationNotes: '@me',
    description: 'zweite\nZeile',
    node: test.nodes.otherSite,
    extras: {},
    tag: null,
  });
  expect((await jsonLines('', test.identity('SITE_ADMIN', 'otherSite'))).length).toBe(5);
});

it('takes the filters and orders of the graph', async () => {
  const numbers = async (search: string) => (await jsonLines(search)).map(({ number }) => number);
  expect(await numbers('?status=RESERVED')).toEqual(['7001', '7003']);
  expect(await numbers(`?status=RESERVED,AVAILABLE&within=${test.nodes.otherSite}`)).toHaveLength(5);
  expect(await numbers('?status=RESERVED&status=AVAILABLE&startsWith=700')).toHaveLength(5);
  expect(await numbers('?startsWith=700&direction=DESC&order=NUMBER')).toEqual([
    '7004',
    '7003',
    '7002',
    '7001',
    '7000',
  ]);
  expect(await numbers('?order=RELEASE_DATE')).toEqual(['7001', '7003']);
  expect(await numbers(`?within=${test.nodes.otherSite}&endsWith=3`)).toEqual(['7003']);
  expect(await numbers('?vendor=nobody')).toEqual([]);
});

it('goes on after the last whole line somebody has, in every order', async () => {
  for (const order of ['NUMBER', 'RELEASE_DATE', 'ENDING']) {
    const search = `?order=${order}&within=${test.nodes.otherSite}`;
    const whole = await jsonLines(search);
    for (const [index, { id, releaseDate }] of whole.entries()) {
      const date = order === 'RELEASE_DATE' ? `&afterReleaseDate=${String(releaseDate)}` : '';
      const rest = await jsonLines(`${search}&after=${encodeURIComponent(String(id))}${date}`);
      expect(rest, `${order} ${index}`).toEqual(whole.slice(index + 1));
    }
  }
  const csv = await askText(test, admin(), `/export/numbers.csv?after=${test.nodes.customer}:7003`);
  expect(csv).toMatch(/^7004,/);
  const deleted = await jsonLines(`?after=${test.nodes.customer}:70021`);
  expect(deleted.map(({ number }) => number)).toEqual(['7003', '7004']);
});

it('is a file that spreadsheets open without running any of it', async () => {
  const text = await askText(test, admin(), '/export/numbers.csv?bom=1');
  expect(text.startsWith('\uFEFFnumber,e164,status,')).toBe(true);
  const rows = parse<Record<string, string>>(text, { bom: true, columns: true });
  expect(rows).toHaveLength(1_205);
  expect(rows[0]).toMatchObject({
    number: "'+49301000",
    e164: "'+49301000",
    description: `'=HYPERLINK("http://x"),"a"`,
    nodeName: 'site',
    reservationNotes: '',
  });
  expect(rows.at(-1)).toMatchObject({ number: '7004', description: 'zweite\nZeile' });
  expect(rows.at(-2)).toMatchObject({ reservationNotes: "'@me" });
  for (const cell of rows.flatMap((row) => Object.values(row))) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
});

it('tells a partner nothing but numbers', async () => {
  const [line = {}] = await jsonLines('', test.identity('PARTNER', 'otherSite'));
  expect(Object.keys(line)).not.toContain('connection');
  expect(Object.keys(line)).not.toContain('nodeName');
  expect(line).toMatchObject({ number: '7000', node: test.nodes.otherSite });
});

it.each([
  ['colour=red', 'colour'],
  ['status=BLUE', 'status'],
  ['usage=USER&usage=DEVICE', 'usage'],
  ['releaseDateFrom=tomorrow', 'releaseDateFrom'],
  ['order=COLOUR', 'order'],
  ['after=7001', 'after'],
  ['after=c:7001&order=RELEASE_DATE', 'afterReleaseDate'],
  ['endsWith=1&order=NUMBER', 'orderBy.field'],
  ['bom=yes', 'bom'],
])('refuses %s by naming it', async (search, field) => {
  const refusal = await refusalOf(test, admin(), `/export/numbers.csv?${search}`);
  expect(refusal).toEqual({ status: 400, code: 'BAD_USER_INPUT', field });
});

it('knows a node of somebody else no better than one that does not exist', async () => {
  const ask = (within: string) => refusalOf(test, admin(), `/export/numbers.csv?within=${within}`);
  expect(await ask(test.nodes.otherCustomer)).toEqual(await ask('nowhere'));
});

it('stops reading when nobody waits for it any more', async () => {
  const leave = new AbortController();
  const answer = await askStream(test, admin(), '/export/numbers.jsonl', { signal: leave.signal });
  leave.abort();
  expect(await textOf(answer)).toBe('');
});
