import { Refused } from '@numberyard/kit/service/message';
import { imports } from '@numberyard/kit/files/import-collections';
import { save } from '@numberyard/kit/storage/port';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { numberServices } from '../../src/models/number-services.js';
import { identity, openDesk, textOf, type Desk, type Upload } from './desk.js';

type Line = Record<string, Record<string, unknown> & { line?: number; errors?: { code: string; field?: string }[] }>;

let desk: Desk;
let keys = 0;

/** Refused lines by number, and the summary. */
function reported(text: string) {
  const all = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  const told = ({ code, field }: { code: string; field?: string }) => (field === undefined ? code : `${code} ${field}`);
  const refused = all.flatMap(({ refused: each }) => (each ? [[each.line, each.errors?.map(told).join(', ')]] : []));
  return { refused, summary: all.at(-1)?.['summary'] };
}

const upload = async (search: string, ask: Upload, as = identity('reseller')) =>
  reported(await textOf(await desk.upload(search, { key: `key ${++keys}`, ...ask }, as)));

async function refusalOf(search: string, ask: Upload, as = identity('reseller')) {
  try {
    await desk.upload(search, ask, as);
  } catch (error) {
    if (error instanceof Refused) return { status: error.status, code: error.code, ...error.details };
    throw error;
  }
  throw new Error('it was answered');
}

/** What is kept at a node and below, in order of name, line and cluster. */
async function kept(node: string) {
  const { items } = await desk.store.find(numberServices, { key: 'byNodeName', equals: [node], limit: 1_000 });
  const order = ({ name, line, cluster }: (typeof items)[number]) =>
    `${name} ${String(line).padStart(3, '0')} ${cluster}`;
  return items.toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
}
const shortly = async (node: string) => (await kept(node)).map(({ name, line, number }) => `${name}/${line} ${number}`);

const HEADER = 'kind,name,line,number,cluster,partition,mac,vendor,node';

describe('an import of services', () => {
  beforeAll(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.clear());
  afterAll(() => desk?.close());

  it('takes the good lines and tells of each bad one by line, code and field', async () => {
    const csv = [
      HEADER,
      `PHONE,SEP1,,'+49301,east,internal,00:11:22:33:44:01,,`,
      'PHONE,SEP1,2,4001,east,,001122334401,,',
      'PHONE,SEP2,,4002,east,,00-11-22-33-44-01,,',
      'PHONE,SEP3,,4OO3,east,,001122334403,,',
      'HUNT_PILOT,Sales,,4004,,,,,nowhere',
      'HUNT_PILOT,Sales,,4005,,,,,oslo',
      'HUNT_PILOT,Closed,,4006,,,,,closed',
      'HUNT_PILOT,Region,,4007,,,,,region',
      'Phone,SEP4,,4008,,,001122334404,,',
      'PHONE,SEP5,,4009,,,,,',
      'MEET_ME,Room,,4010,,,001122334406,,',
      'MULTI_VENDOR_PHONE,vvx,,4011,,,,,',
      'MULTI_VENDOR_PHONE,vvx,,4011,,,,Poly,munich',
      'MULTI_VENDOR_PHONE,vvx,1,4012,,,,Poly,',
      'CALL_PARK,Park,0,4013,,,,,',
      'CALL_PARK,Park,two,4013,,,,,',
      ',,,,,,,,',
      'CALL_PARK,"Pa"rk,,4014,,,,,',
      'CALL_PARK,Park,4015',
      'WEBEX_USER,anna,,4016,,,,,',
    ].join('\r\n');
    const { refused, summary } = await upload('node=acme', { body: csv }, identity('acme'));
    expect(refused).toEqual([
      [4, 'ALREADY_EXISTS mac'],
      [5, 'INVALID number'],
      [6, 'NOT_FOUND node'],
      [7, 'NOT_FOUND node'],
      [8, 'WRONG_NODE_TYPE node'],
      [9, 'WRONG_NODE_TYPE node'],
      [10, 'INVALID kind'],
      [11, 'REQUIRED mac'],
      [12, 'INVALID mac'],
      [13, 'REQUIRED vendor'],
      [14, 'ALREADY_EXISTS name'],
      [15, 'ALREADY_EXISTS name'],
      [16, 'OUT_OF_RANGE line'],
      [17, 'INVALID line'],
      [18, 'REQUIRED kind, REQUIRED name, REQUIRED number'],
      [19, 'INVALID'],
      [20, 'INVALID'],
    ]);
    expect(summary).toEqual({ lines: 20, created: 3, updated: 0, existing: 0, refused: 17, dryRun: false });
    expect(await kept('acme')).toMatchObject([
      { name: 'SEP1', line: 1, number: '+49301', cluster: 'east', partition: 'internal', mac: '001122334401' },
      { name: 'SEP1', line: 2, number: '4001', cluster: 'east', partition: '', mac: '001122334401' },
      { name: 'anna', line: 1, number: '4016', cluster: '', node: 'acme', customer: 'acme', kind: 'WEBEX_USER' },
    ]);
  });

  it('passes over a line of 10 MB, says so by its number, and takes the next', async () => {
    const huge = `PHONE,${'x'.repeat(10 * 1024 * 1024)},,4001,,,001122334401,,\n`;
    for (const [type, before, good] of [
      ['text/csv', `${HEADER}\n`, 'MEET_ME,Room,,4000,,,,,\n'],
      ['application/x-ndjson', '\n', '{"kind":"MEET_ME","name":"Lounge","number":"4001"}\n'],
    ] as const) {
      const pieces = [before, huge.slice(0, 5_000_000), huge.slice(5_000_000), good];
      const { refused, summary } = await upload('node=berlin', { type, body: pieces });
      expect(refused).toEqual([[2, 'OUT_OF_RANGE']]);
      expect(summary).toMatchObject({ lines: 2, created: 1, refused: 1 });
    }
    expect(await shortly('berlin')).toEqual(['Lounge/1 4001', 'Room/1 4000']);
  });

  it('reads JSON lines, each field of its type', async () => {
    const lines = [
      { kind: 'PHONE', name: 'SEP1', line: 3, number: '4000', mac: '001122334401', cluster: null, vendor: null },
      { kind: 'PHONE', name: 'SEP2', line: '3', number: '4000', mac: '001122334402' },
      { kind: 'PHONE', name: 'SEP3', line: 1.5, number: '4000', mac: '001122334403' },
      { kind: 'PHONE', name: 'SEP4', number: 4000, mac: '001122334404' },
      { kind: 'PHONE', name: 'SEP5', number: '4000', mac: '001122334405', colour: 'red' },
      ['PHONE'],
    ];
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const { refused } = await upload('node=berlin', { type: 'application/jsonl', body });
    expect(refused).toEqual([
      [2, 'INVALID line'],
      [3, 'INVALID line'],
      [4, 'INVALID number'],
      [5, 'INVALID colour'],
      [6, 'INVALID'],
    ]);
    expect(await kept('berlin')).toMatchObject([{ name: 'SEP1', line: 3, cluster: '', mac: '001122334401' }]);
  });

  it('leaves what exists as it is, unless it is to be updated', async () => {
    const first = 'PHONE,SEP1,,4000,east,internal,001122334401,,\nPHONE,SEP2,,4001,east,,001122334402,,\n';
    await upload('node=berlin', { body: `${HEADER}\n${first}` });
    const before = await kept('berlin');
    const again = [
      HEADER,
      'PHONE,SEP1,1,5000,east,,,,munich',
      'PHONE,SEP2,,4001,east,,001122334402,,',
      'PHONE,SEP1,,5001,west,,001122334401,,',
    ].join('\n');
    expect((await upload('node=berlin', { body: again })).summary).toMatchObject({ existing: 2, created: 1 });
    expect(await kept('berlin')).toEqual([before[0], expect.objectContaining({ cluster: 'west' }), before[1]]);
    desk.clock.advance(1_000);
    const update = await upload('node=berlin&existing=update', { body: again });
    expect(update).toMatchObject({ refused: [], summary: { created: 0, updated: 1, existing: 2 } });
    const [changed, , same] = await kept('berlin');
    expect(changed).toMatchObject({ number: '5000', partition: 'internal', mac: '001122334401', node: 'berlin' });
    expect(changed?.updatedAt).not.toBe(changed?.createdAt);
    expect(same).toEqual(before[1]);
    const taken = await upload('node=berlin&existing=update', {
      body: `${HEADER}\nPHONE,SEP1,,5000,east,,001122334402,,\nPHONE,SEP2,,x,east,,,,`,
    });
    expect(taken.refused).toEqual([
      [2, 'ALREADY_EXISTS mac'],
      [3, 'INVALID number'],
    ]);
  });

  it('changes nothing of what the caller does not see, and makes no second one of it', async () => {
    await upload('', { body: `${HEADER}\nPHONE,SEP1,,4000,,,001122334401,,berlin` });
    const body = `${HEADER}\nPHONE,SEP1,,5000,,,001122334401,,munich\nPHONE,SEP2,,5000,,,001122334401,,munich`;
    const { refused, summary } = await upload('existing=update', { body }, identity('munich'));
    expect(refused).toEqual([[3, 'ALREADY_EXISTS mac']]);
    expect(summary).toMatchObject({ existing: 1, updated: 0, created: 0 });
    expect(await shortly('acme')).toEqual(['SEP1/1 4000']);
  });

  it('takes one name and MAC for each customer', async () => {
    const lines = ['berlin', 'oslo', 'munich'].map((node) => `PHONE,SEP1,,4000,,,001122334401,,${node}`);
    const { refused } = await upload('', { body: [HEADER, ...lines].join('\n') });
    expect(refused).toEqual([[4, 'ALREADY_EXISTS name']]);
  });

  it('puts at most 1,000 services of a customer on one number, whichever way they come there', async () => {
    const line = (name: number, number: string, node = 'berlin') => `MEET_ME,R${name},${number},${node}`;
    const header = 'kind,name,number,node';
    const many = Array.from({ length: 1_200 }, (_, index) => line(index, '4000'));
    const first = await upload('', {
      body: [header, ...many, line(0, '4000', 'oslo'), line(2_000, '4001')].join('\n'),
    });
    expect(first.refused).toEqual(many.slice(1_000).map((_, index) => [1_002 + index, 'OUT_OF_RANGE number']));
    expect(first.summary).toMatchObject({ created: 1_002, refused: 200 });
    // One leaves, one comes, one stays, one comes too late.
    const moves = [line(0, '4002'), line(2_000, '4000'), line(1, '4000'), line(2_001, '4000')];
    const update = await upload('existing=update', { body: [header, ...moves].join('\n') });
    expect(update.refused).toEqual([[5, 'OUT_OF_RANGE number']]);
    expect(update.summary).toMatchObject({ updated: 2, existing: 1, created: 0 });
    // Of more than a page.
    await desk.clear();
  });

  it('waits once in a batch for a node that nobody knows, not once in a line', async () => {
    const unknown = Array.from({ length: 600 }, (_, index) => `MEET_ME,Room ${index},,4000,,,,,nowhere-${index}`);
    const { summary } = await upload('', { body: [HEADER, ...unknown, 'MEET_ME,Room,,4000,,,,,oslo'].join('\n') });
    expect(summary).toMatchObject({ refused: 600, created: 1 });
    expect(desk.reached()).toBeLessThanOrEqual(4);
  });

  it('that is dry tells what would be and writes nothing', async () => {
    const body = `${HEADER}\nMEET_ME,A,,4000,,,,,\nMEET_ME,B,,x,,,,,\nMEET_ME,A,,4000,,,,,\n`;
    const dry = await upload('node=berlin&dryRun=1', { body, key: undefined });
    expect(await kept('berlin')).toEqual([]);
    expect((await desk.store.find(imports, { key: 'byAge', limit: 10 })).items).toEqual([]);
    const wet = await upload('node=berlin', { body });
    expect(dry.refused).toEqual(wet.refused);
    expect(dry.summary).toEqual({ ...(wet.summary as object), dryRun: true });
    expect(wet.summary).toMatchObject({ created: 1, refused: 2 });
  });

  it('needs a key of its own content, a form that is known, columns that are, and the power to audit', async () => {
    const body = `${HEADER}\nMEET_ME,A,,4000,,,,,berlin\n`;
    expect(await refusalOf('', { body })).toMatchObject({ status: 400, field: 'Idempotency-Key' });
    expect(await refusalOf('', { body, key: 'x'.repeat(201) })).toMatchObject({ field: 'Idempotency-Key' });
    expect(await refusalOf('', { body, key: 'k', type: 'application/json' })).toMatchObject({ status: 415 });
    for (const header of ['kind,name', 'kind,name,number,colour', 'kind,name,number,name'])
      expect(await refusalOf('', { body: `${header}\n`, key: 'k' })).toMatchObject({ status: 400, field: 'header' });
    expect(await refusalOf('colour=red', { body, key: 'k' })).toMatchObject({ status: 400, field: 'colour' });
    for (const role of ['CUSTOMER_ADMIN', 'SITE_ADMIN', 'OPERATOR', 'PARTNER'])
      expect(await refusalOf('', { body, key: 'k' }, identity('acme', role))).toEqual({
        status: 403,
        code: 'FORBIDDEN',
      });
    await upload('', { body, key: 'k' });
    const other = body.replace('4000', '4001');
    expect(await refusalOf('', { body: other, key: 'k' })).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await refusalOf('node=acme', { body, key: 'k' })).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('refuses what was made between the look and the commit by somebody else', async () => {
    const [berlin] = await desk.store.getMany(mirroredNodes, ['berlin']);
    const find = desk.store.find.bind(desk.store);
    let looks = 0;
    desk.store.find = async (collection, wanted) => {
      const page = await find(collection, wanted);
      if (collection.name === 'numberServices' && (looks += 1) === 1) {
        const input = { node: 'munich', kind: 'MEET_ME', name: 'Room', number: '1' };
        await desk.ask(
          'mutation ($input: CreateNumberServiceInput!) { createNumberService(input: $input) { userErrors { code } } }',
          { input },
        );
        await desk.store.commit({ save: [save(mirroredNodes, { ...berlin!, retired: true })] });
      }
      return page;
    };
    const body = `${HEADER}\nMEET_ME,Room,,4000,,,,,acme\nMEET_ME,Hall,,4000,,,,,berlin\nMEET_ME,Lobby,,4000,,,,,acme`;
    const { refused, summary } = await upload('', { body });
    desk.store.find = find;
    expect(refused).toEqual([[3, 'WRONG_NODE_TYPE node']]);
    expect(summary).toMatchObject({ existing: 1, created: 1 });
  });
});

/** Every hundredth line is bad. */
const file = (count: number) =>
  `kind,name,number,mac\n${Array.from({ length: count }, (_, index) => `PHONE,SEP${index},${index % 100 === 50 ? 'bad' : 10_000 + index},${index.toString(16).padStart(12, '0')}`).join('\n')}\n`;

describe('an import of services that is disturbed', () => {
  beforeAll(async () => {
    desk = await openDesk({ hostile: 11 });
  });
  afterAll(() => desk?.close());

  it('goes on where it was cut, and ends with the report it would have had', async () => {
    const csv = file(1_800);
    const whole = await upload('node=berlin&dryRun=1', { body: csv, key: undefined });
    for (const part of [0.3, 0.31, 0.7, 0.99]) {
      const cut = Math.floor(csv.length * part);
      const body = [csv.slice(0, cut / 2), csv.slice(cut / 2, cut), new Error('the line broke')];
      const answer = async () => textOf(await desk.upload('node=berlin', { body, key: 'cut' }));
      await expect(answer()).rejects.toThrow('the line broke');
    }
    const rest = await upload('node=berlin', { body: csv, key: 'cut' });
    expect(rest.refused).toEqual(whole.refused);
    expect(rest.summary).toEqual({ ...(whole.summary as object), dryRun: false });
    expect(rest.summary).toMatchObject({ lines: 1_800, created: 1_782, refused: 18 });
    const again = await upload('node=berlin', { body: csv, key: 'cut' });
    expect(again).toEqual(rest);
  });

  it('is done once when two do it at once under one key, and both are told the same', async () => {
    const body = file(1_200);
    const answers = await Promise.all([1, 2].map(() => upload('node=oslo', { body, key: 'both' })));
    expect(answers[0]?.summary).toMatchObject({ lines: 1_200, created: 1_188, refused: 12 });
    expect(answers[1]).toEqual(answers[0]);
  });

  it('under two keys at once makes each service once', async () => {
    const body = file(1_200).replaceAll('SEP', 'TWICE').replaceAll(',0000', ',AA00');
    const answers = await Promise.all(['one', 'two'].map((key) => upload('node=oslo', { body, key })));
    const counts = answers.map(({ summary }) => summary as { created: number; existing: number; refused: number });
    expect(counts.map(({ refused }) => refused)).toEqual([12, 12]);
    expect(counts.reduce((sum, { created }) => sum + created, 0)).toBe(1_188);
    expect(counts.reduce((sum, { existing }) => sum + existing, 0)).toBe(1_188);
  });
});
