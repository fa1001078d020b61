/** Services come in as files and findings go out as files, through the gateway, by whoever may. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { audit, findingsOf } from '../src/audit/steps.js';
import { linesOf, reportOf, send, type Sent } from '../src/world/files.js';
import { addNumbers, createCustomer, type Customer } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

let world: World;
let customer: Customer;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world, 'Filed');
  await addNumbers(world.client(), customer.customer, '6000', '6009');
});
afterAll(() => world?.close());

const MIB = 1024 * 1024;

async function keyOf(role: string, node: string): Promise<string> {
  const { key } = await world
    .client()
    .change<{ key: string }>(
      'mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { key userErrors { code message field } } }',
      { label: role, role, node },
    );
  return key;
}

const importServices = (body: string, key: string, type = 'text/csv', as?: string): Promise<Sent> =>
  send(world, `/import/number-services?node=${customer.customer}`, {
    body,
    headers: { 'content-type': type, 'idempotency-key': key },
    ...(as !== undefined && { key: as }),
  });

it('takes the good lines of an import and tells of the bad ones by their lines', async () => {
  const site = customer.sites[0] ?? '';
  const file = [
    'kind,name,number,cluster,partition,mac,vendor,node',
    'PHONE,SEP001122334455,6000,east,internal,0011.2233.4455,,',
    'PHONE,SEP-AGAIN,6001,east,internal,00:11:22:33:44:55,,',
    'HUNT_PILOT,pilot,60O2,east,,,,',
    'HUNT_PILOT,pilot,6002,east,,,,nowhere',
    'HUNT_PILOT,pilot,6002,east,,,,',
    `MEET_ME,${'x'.repeat(10 * MIB)},6003,,,,,`,
    'MULTI_VENDOR_PHONE,desk,6004,,,001122334466,,',
    'TELEGRAPH,wire,6005,,,,,',
    `MULTI_VENDOR_PHONE,other desk,6006,,,001122334477,Yealink,${site}`,
    'WEBEX_USER,someone,6100,,,,,',
    '',
  ].join('\r\n');
  const { status, text } = await importServices(file, 'first');
  expect(status).toBe(200);
  const { refused, summary } = reportOf(text);
  const told = (refused as { line: number; errors: { code: string; field: string | null }[] }[]).map(
    ({ line, errors }) => [line, ...errors.map(({ code, field }) => `${code} ${field}`)],
  );
  expect(told).toEqual([
    [3, 'ALREADY_EXISTS mac'],
    [4, 'INVALID number'],
    [5, 'NOT_FOUND node'],
    [7, expect.stringMatching(/^(INVALID|OUT_OF_RANGE) /)],
    [8, 'REQUIRED vendor'],
    [9, 'INVALID kind'],
  ]);
  expect(summary).toMatchObject({ created: 4, refused: 6, dryRun: false });
  expect(reportOf((await importServices(file, 'first')).text)).toEqual({ refused, summary });
  const lines = `${JSON.stringify({ kind: 'CALL_PARK', name: 'park', number: '6007' })}\nno json\n`;
  const second = reportOf((await importServices(lines, 'second', 'application/x-ndjson')).text);
  expect(second.refused).toMatchObject([{ line: 2 }]);
  expect(second.summary).toMatchObject({ created: 1, refused: 1 });
  const { edges } = await world
    .client()
    .ask<{ edges: { node: { number: string; mac: string | null } }[] }>(
      'query($within: ID) { numberServices(filter: { within: $within }) { edges { node { number mac } } } }',
      { within: customer.customer },
    );
  expect(edges.map(({ node }) => `${node.number} ${node.mac ?? '-'}`).sort()).toEqual([
    '6000 001122334455',
    '6002 -',
    '6006 001122334477',
    '6007 -',
    '6100 -',
  ]);
});

it('exports the findings of an audit as CSV and as JSON lines, the same as the graph tells', async () => {
  const client = world.client();
  const run = await audit(client, { customer: customer.customer, level: 'CUSTOMER' });
  const found = await findingsOf(client, run.id);
  expect(found.map(({ kind }) => kind).sort()).toEqual([
    'CREATED',
    'MARKED_USED',
    'MARKED_USED',
    'MARKED_USED',
    'MARKED_USED',
  ]);
  const jsonl = await send(world, `/export/audit-findings.jsonl?run=${run.id}`);
  expect(jsonl.status).toBe(200);
  expect(linesOf(jsonl.text).map(({ kind, number, outcome }) => ({ kind, number, outcome }))).toEqual(
    found.map(({ kind, number, outcome }) => ({ kind, number, outcome })),
  );
  const csv = await send(world, `/export/audit-findings.csv?run=${run.id}&kind=CREATED`);
  const [head = '', ...rows] = csv.text.trimEnd().split('\r\n');
  expect(head.split(',')).toEqual(expect.arrayContaining(['kind', 'outcome', 'number', 'cause']));
  expect(rows).toHaveLength(1);
  expect(rows[0]).toContain('6100');
});

it('neither takes services from those who may not audit nor shows them findings', async () => {
  const { id } = await audit(world.client(), { customer: customer.customer, level: 'CUSTOMER', dryRun: true });
  for (const role of ['CUSTOMER_ADMIN', 'OPERATOR', 'PARTNER']) {
    const key = await keyOf(role, customer.customer);
    const refused = await importServices('kind,name,number\r\nMEET_ME,room,6008\r\n', 'mine', 'text/csv', key);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  }
  const partner = await keyOf('PARTNER', customer.customer);
  expect((await send(world, `/export/audit-findings.csv?run=${id}`, { key: partner })).status).toBe(403);
  const other = await createCustomer(world, 'Stranger');
  const stranger = await keyOf('RESELLER_ADMIN', other.reseller);
  const foreign = await send(world, `/export/audit-findings.csv?run=${id}`, { key: stranger });
  const nowhere = await send(world, '/export/audit-findings.csv?run=nowhere', { key: stranger });
  expect([foreign.status, foreign.text]).toEqual([nowhere.status, nowhere.text]);
  expect(foreign.text).not.toContain('6000');
});
