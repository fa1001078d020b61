/** Numbers go out as files and come in again, with the caller's rights and nothing else. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importCsv, linesOf, numbersFile, reportOf, send } from '../src/world/files.js';
import { addNumbers, createCustomer, type Customer } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

const LINES = 5_000;

let world: World;
let customer: Customer;
let other: Customer;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world, 'Acme');
  other = await createCustomer(world, 'Brook');
  await addNumbers(world.client(), other.sites[0] ?? '', '7000', '7009');
});

afterAll(() => world?.close());

async function keyOf(role: string, node: string): Promise<string> {
  const { key } = await world
    .client()
    .change<{ key: string }>(
      `mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { key userErrors { code message field } } }`,
      { label: `${role} of ${node}`, role, node },
    );
  return key;
}

it('an import of thousands of lines takes the good ones and tells of the bad ones by their lines', async () => {
  const file = numbersFile(4_930_000_000, LINES, 50);
  const search = `?node=${customer.sites[0]}`;
  const { status, text } = await importCsv(world, search, 'first', file);
  expect(status).toBe(200);
  const { refused, summary } = reportOf(text);
  expect(refused).toEqual(
    Array.from({ length: 50 }, (_, index) => ({
      line: (index + 1) * 100 + 1,
      errors: [{ code: 'INVALID', message: expect.stringContaining('digits only') as string, field: 'number' }],
    })),
  );
  expect(summary).toEqual({ lines: LINES, created: 4_950, updated: 0, existing: 0, refused: 50, dryRun: false });
  const again = await importCsv(world, search, 'first', file);
  expect(reportOf(again.text)).toEqual({ refused, summary });
  const reused = await importCsv(world, search, 'first', 'number\r\n1\r\n');
  expect(reused.status).toBe(409);
  expect(JSON.parse(reused.text)).toMatchObject({ errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } }] });
});

it('what went out comes in elsewhere as it was', async () => {
  const { text, headers, cut } = await send(world, `/export/numbers.csv?within=${customer.customer}&bom=1`);
  expect(cut).toBe(false);
  expect(headers.get('content-disposition')).toBe('attachment; filename="numbers.csv"');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(text.split('\r\n')[1]).toMatch(/^'\+4930000000,'\+4930000000,AVAILABLE,/);
  const elsewhere = text.replaceAll(customer.sites[0] ?? '', other.sites[1] ?? '');
  const { summary } = reportOf((await importCsv(world, '', 'copy', elsewhere)).text);
  expect(summary).toMatchObject({ lines: 4_950, created: 4_950, refused: 0 });
  const told = async (node = '') =>
    linesOf((await send(world, `/export/numbers.jsonl?within=${node}`)).text).map(
      ({ number, description, extras }) => ({
        number,
        description,
        extras,
      }),
    );
  expect(await told(other.sites[1])).toEqual(await told(customer.sites[0]));
});

it('an export that was left in the middle of a line goes on after the last whole one', async () => {
  const path = `/export/numbers.jsonl?within=${customer.customer}`;
  const whole = await send(world, path);
  expect(linesOf(whole.text)).toHaveLength(4_950);
  const left = await send(world, path, { until: (text) => text.length > 200_000 });
  expect(left.cut).toBe(true);
  const had = linesOf(left.text);
  const rest = await send(world, `${path}&after=${encodeURIComponent(String(had.at(-1)?.['id']))}`);
  expect([...had, ...linesOf(rest.text)]).toEqual(linesOf(whole.text));
});

it('everybody gets what the role allows, and nobody learns of a sibling', async () => {
  const site = other.sites[0] ?? '';
  const partner = await keyOf('PARTNER', site);
  const operator = await keyOf('OPERATOR', other.customer);
  const admin = await keyOf('CUSTOMER_ADMIN', other.customer);
  const seen = await send(world, '/export/numbers.jsonl', { key: partner });
  expect(linesOf(seen.text).map(({ number }) => number)).toEqual(
    Array.from({ length: 10 }, (_, index) => `${7000 + index}`),
  );
  expect(seen.text).not.toContain('connection');
  for (const key of [partner, operator]) {
    const refused = await importCsv(world, `?node=${site}`, 'mine', 'number\r\n7100\r\n', key);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  }
  const sibling = await send(world, `/export/numbers.csv?within=${customer.customer}`, { key: operator });
  const nowhere = await send(world, '/export/numbers.csv?within=nowhere', { key: operator });
  expect([sibling.status, sibling.text]).toEqual([nowhere.status, nowhere.text]);
  const file = `number,node\r\n7200,${customer.sites[0]}\r\n7201,nowhere\r\n`;
  const { refused, summary } = reportOf((await importCsv(world, '', 'mine', file, admin)).text);
  expect(refused).toMatchObject([
    { errors: [{ code: 'NOT_FOUND', field: 'node' }] },
    { errors: [{ code: 'NOT_FOUND' }] },
  ]);
  expect(summary).toMatchObject({ created: 0, refused: 2 });
  expect((await send(world, '/export/numbers.csv', { key: 'ny_nobody' })).status).toBe(401);
});
