import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { imports, refusedLines } from '@numberyard/kit/files/import-collections';
import { openInventory, type TestInventory } from '../inventory.js';
import { askStream, askText, refusalOf, textOf, type Asked } from './ask.js';

type News = Record<string, Record<string, unknown> & { line?: number; errors?: { code: string; field?: string }[] }>;

let test: TestInventory;
const admin = () => test.identity('CUSTOMER_ADMIN', 'customer');
let keys = 0;

function asked(body: Asked['body'], type: string, key: string | undefined): Asked {
  const headers = { 'content-type': type, ...(key !== undefined && { 'idempotency-key': key }) };
  return { method: 'POST', headers, ...(body !== undefined && { body }) };
}

const csvAsk = (body: Asked['body'], key: string | undefined = `key ${++keys}`) => asked(body, 'text/csv', key);

function newsOf(text: string): { refused: unknown[]; summary: unknown; errors: unknown; all: News[] } {
  const all = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as News);
  const refused = all.flatMap(({ refused }) =>
    refused
      ? [
          [
            refused.line,
            refused.errors?.map(({ code, field }) => (field === undefined ? code : `${code} ${field}`)).join(', '),
          ],
        ]
      : [],
  );
  return { refused, summary: all.at(-1)?.['summary'], errors: all.at(-1)?.['errors'], all };
}

const run = async (search: string, ask: Asked, as = admin()) =>
  newsOf(await askText(test, as, `/import/numbers${search}`, ask));

const numbersAt = async (node: string) => {
  const lines = await askText(test, admin(), `/export/numbers.jsonl?within=${node}`);
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};
const head = async () => (await test.store.log.state()).head;

describe('an import', () => {
  beforeAll(async () => {
    test = await openInventory();
  });
  afterAll(() => test?.close());

  it('takes the good lines and tells of each bad one by line, code and field', async () => {
    const { site, otherSite, otherCustomer } = test.nodes;
    const csv = [
      'number,node,description,tag,e164,extras',
      `'+49301,,'=Desk 1,front,,"{""floor"":""2""}"`,
      `+49302,${otherSite},"two\nlines",,+49302,`,
      '4000,,,,+4930400,',
      'four,,,,,',
      ',,,,,',
      `4001,nowhere,,,,`,
      `4002,${otherCustomer},,,,`,
      `4003,,${'x'.repeat(1_001)},,4003,"{""a b"":""1""}"`,
      '4000,,,,,',
      '4004,,,,+4930400,',
      '4005,,"a"b,,,',
      '4006,,,',
      `4007,${test.nodes.reseller},,,,`,
      '4008,,,,,[1]',
      '4009,,,,,',
      '+4930400,,,,,',
      '4010,,,,+49301,',
    ].join('\r\n');
    const { refused, summary } = await run(`?node=${site}`, csvAsk(csv));
    expect(refused).toEqual([
      [6, 'INVALID number'],
      [7, 'REQUIRED number'],
      [8, 'NOT_FOUND node'],
      [9, 'NOT_FOUND node'],
      [10, 'OUT_OF_RANGE description, INVALID e164, INVALID extras.0.name'],
      [11, 'ALREADY_EXISTS number'],
      [12, 'ALREADY_EXISTS e164'],
      [13, 'INVALID'],
      [14, 'INVALID'],
      [15, 'NOT_FOUND node'],
      [16, 'INVALID extras'],
      [18, 'ALREADY_EXISTS number'],
      [19, 'ALREADY_EXISTS e164'],
    ]);
    expect(summary).toEqual({ lines: 17, created: 4, updated: 0, existing: 0, refused: 13, dryRun: false });
    expect(await numbersAt(site)).toMatchObject([
      { number: '+49301', description: '=Desk 1', tag: 'front', extras: { floor: '2' }, status: 'AVAILABLE' },
      { number: '4000', e164: '+4930400', description: null },
      { number: '4009' },
    ]);
    expect(await numbersAt(otherSite)).toMatchObject([{ number: '+49302', description: 'two\nlines' }]);
  });

  it('takes no number that is associated with another, and associates none that is there, by an earlier import', async () => {
    const { site } = test.nodes;
    const lines = 'number,e164\n+4930400,\n4011,+49301\n4009,+49301';
    expect((await run(`?node=${site}&existing=update`, csvAsk(lines))).refused).toEqual([
      [2, 'ALREADY_EXISTS number'],
      [3, 'ALREADY_EXISTS e164'],
      [4, 'ALREADY_EXISTS e164'],
    ]);
  });

  it('takes what an export told, and changes nothing by it', async () => {
    const before = await numbersAt(test.nodes.customer);
    const position = await head();
    for (const form of ['csv', 'jsonl']) {
      const told = await askText(test, admin(), `/export/numbers.${form}?bom=1`);
      const type = form === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
      const { refused, summary } = await run('?existing=update', asked(told, type, `back ${form}`));
      expect(refused).toEqual([]);
      expect(summary).toMatchObject({ lines: before.length, existing: before.length, updated: 0, created: 0 });
    }
    expect(await numbersAt(test.nodes.customer)).toEqual(before);
    expect(await head()).toBe(position);
  });

  it('leaves what exists as it is, unless it is to be updated', async () => {
    const { site } = test.nodes;
    const line = JSON.stringify({ number: '4000', tag: 'new', extras: { floor: '3' }, description: 'x', e164: null });
    const ask = (search: string, key: string) =>
      run(`?node=${site}${search}`, asked(`${line}\n`, 'application/jsonl', key));
    expect((await ask('', 'keep')).summary).toMatchObject({ existing: 1, updated: 0 });
    expect((await numbersAt(site))[1]).toMatchObject({ number: '4000', tag: null, e164: '+4930400' });
    expect((await ask('&existing=update', 'update')).summary).toMatchObject({ existing: 0, updated: 1 });
    expect((await numbersAt(site))[1]).toMatchObject({ tag: 'new', extras: { floor: '3' }, e164: null });
  });

  it('that is dry tells what would be and writes nothing', async () => {
    const csv = 'number\n5000\n5001\n5000\nx\n4000\n';
    const position = await head();
    const dry = await run(`?node=${test.nodes.site}&dryRun=1`, asked(csv, 'text/csv', undefined));
    expect(await head()).toBe(position);
    expect((await test.store.find(imports, { key: 'byAge', limit: 100 })).items.every(({ lines }) => lines !== 5)).toBe(
      true,
    );
    const wet = await run(`?node=${test.nodes.site}`, csvAsk(csv));
    expect(dry.refused).toEqual(wet.refused);
    expect(dry.summary).toEqual({ ...(wet.summary as object), dryRun: true });
    expect(wet.summary).toMatchObject({ lines: 5, created: 2, existing: 1, refused: 2 });
  });

  it('is answered alike when it is repeated, and refused when its key comes with something else', async () => {
    const csv = 'number,tag\n6000,a\nx,b\n6001,c\n';
    const search = `?node=${test.nodes.site}`;
    const first = await askText(test, admin(), `/import/numbers${search}`, csvAsk(csv, 'again'));
    const position = await head();
    expect(await askText(test, admin(), `/import/numbers${search}`, csvAsk(csv, 'again'))).toBe(first);
    expect(await head()).toBe(position);
    const reused = { status: 409, code: 'IDEMPOTENCY_KEY_REUSED', field: 'Idempotency-Key' };
    for (const other of [
      'number,tag\n6000,a\nx,b\n6001,d\n',
      `${csv}6002,d\n`,
      'number,tag\n6000,a\nx,b\n',
      'number,node\n6000,a\nx,b\n6001,c\n',
    ])
      expect(await refusalOf(test, admin(), `/import/numbers${search}`, csvAsk(other, 'again'))).toEqual(reused);
    expect(await refusalOf(test, admin(), `/import/numbers${search}&existing=update`, csvAsk(csv, 'again'))).toEqual(
      reused,
    );
    const somebody = test.identity('RESELLER_ADMIN', 'reseller');
    expect((await run(search, csvAsk(csv, 'again'), somebody)).summary).toMatchObject({ existing: 2, refused: 1 });
  });

  it.each([
    ['', 'colour\n1\n', 'header'],
    ['', 'number,number\n1\n', 'header'],
    ['', 'tag\n1\n', 'header'],
    ['?colour=red', 'number\n1\n', 'colour'],
    ['?existing=delete', 'number\n1\n', 'existing'],
    ['?dryRun=yes', 'number\n1\n', 'dryRun'],
  ])('%s with %j is refused by the name of what is wrong', async (search, csv, field) => {
    const refusal = await refusalOf(test, admin(), `/import/numbers${search}`, csvAsk(csv));
    expect(refusal).toEqual({ status: 400, code: 'BAD_USER_INPUT', field });
  });

  it('needs a key, a form that is known and the power to add numbers', async () => {
    const ask = (asking: Asked, as = admin()) => refusalOf(test, as, '/import/numbers', asking);
    expect(await ask(asked('number\n1\n', 'text/csv', undefined))).toMatchObject({
      status: 400,
      field: 'Idempotency-Key',
    });
    expect(await ask(asked('number\n1\n', 'application/json', 'k'))).toMatchObject({ status: 415 });
    expect(await ask(asked('number\n1\n', 'text/csv; charset=latin1', 'k'))).toMatchObject({ status: 415 });
    for (const role of ['OPERATOR', 'SITE_ADMIN', 'PARTNER'] as const)
      expect(await ask(csvAsk('number\n1\n'), test.identity(role, 'customer'))).toEqual({
        status: 403,
        code: 'FORBIDDEN',
      });
  });

  it('tells of ten thousand bad lines, and counts the others', async () => {
    const csv = `number\n${'bad\n'.repeat(10_050)}`;
    const first = await run(`?node=${test.nodes.site}`, csvAsk(csv, 'bad'));
    expect(first.refused).toHaveLength(10_000);
    expect(first.summary).toMatchObject({ lines: 10_050, refused: 10_050 });
    const again = await run(`?node=${test.nodes.site}`, csvAsk(csv, 'bad'));
    expect(again.refused).toEqual(first.refused);
    expect(again.summary).toEqual(first.summary);
  });
});

/** Every hundredth line is bad. */
const file = (prefix: string, count: number) =>
  `number,tag\n${Array.from({ length: count }, (_, index) => (index % 100 === 50 ? `bad,${index}` : `${prefix}${1_000 + index},t${index}`)).join('\n')}\n`;

describe('an import that is disturbed', () => {
  beforeEach(async () => {
    test = await openInventory({ hostile: 7 });
  });
  afterEach(() => test?.close());

  it('goes on where it was cut, and ends with the report it would have had', async () => {
    const csv = file('7', 2_300);
    const search = `?node=${test.nodes.site}`;
    const whole = await run(`${search}&dryRun=1`, asked(csv, 'text/csv', undefined));
    for (const part of [0.3, 0.31, 0.7, 0.99]) {
      const cut = Math.floor(csv.length * part);
      const pieces = [csv.slice(0, cut / 2), csv.slice(cut / 2, cut), new Error('the line broke')];
      const answer = async () =>
        textOf(await askStream(test, admin(), `/import/numbers${search}`, csvAsk(pieces, 'cut')));
      await expect(answer()).rejects.toThrow('the line broke');
    }
    expect((await numbersAt(test.nodes.site)).length).toBeGreaterThan(1_500);
    const rest = await run(search, csvAsk(csv, 'cut'));
    expect(rest.refused).toEqual(whole.refused);
    expect(rest.summary).toEqual({ ...(whole.summary as object), dryRun: false });
    expect(await numbersAt(test.nodes.site)).toHaveLength(2_277);
    const { head } = await test.store.log.state();
    const { events } = await test.store.log.read({ after: 0, limit: 1_000, types: ['NumberAdded'] });
    expect(events.length).toBe(1_000);
    expect(head).toBeLessThan(2_277 + 20);
  });

  it('is done once when two do it at once under one key, and both are told the same', async () => {
    const csv = file('8', 3_000);
    const half = Math.floor(csv.length / 2);
    const answers = await Promise.all(
      [1, 2, 3].map(() => run(`?node=${test.nodes.site}`, csvAsk([csv.slice(0, half), csv.slice(half)], 'both'))),
    );
    const [first] = answers;
    expect(first?.summary).toMatchObject({ lines: 3_000, created: 2_970, existing: 0, refused: 30 });
    expect(first?.refused).toHaveLength(30);
    for (const each of answers) {
      expect(each.summary).toEqual(first?.summary);
      expect(each.refused).toEqual(first?.refused);
    }
    expect(await numbersAt(test.nodes.site)).toHaveLength(2_970);
  });

  it('is forgotten after seven days, and can be done anew', async () => {
    await run(`?node=${test.nodes.site}`, csvAsk(file('9', 1_200), 'old'));
    test.clock.advance(8 * 86_400_000);
    await run(`?node=${test.nodes.site}`, csvAsk('number\nbad\n', 'new'));
    await test.inventory.start();
    const left = async () => (await test.store.find(imports, { key: 'byAge', limit: 10 })).items.length;
    await waitUntil('the old import to be forgotten', async () => {
      // A worker whose lease was in dispute for no reason waits for a clock that nobody else moves.
      test.clock.advance(60_000);
      return (await left()) === 1;
    });
    const kept = await test.store.find(imports, { key: 'byAge', limit: 10 });
    for (const { id } of kept.items)
      expect((await test.store.find(refusedLines, { key: 'byLine', equals: [id], limit: 10 })).items).toHaveLength(1);
    const again = await run(`?node=${test.nodes.site}`, csvAsk(file('9', 1_200), 'old'));
    expect(again.summary).toMatchObject({ lines: 1_200, created: 0, existing: 1_188, refused: 12 });
    const third = await run(`?node=${test.nodes.site}`, csvAsk(file('9', 1_200), 'old'));
    expect(third.summary).toEqual(again.summary);
  });
});
