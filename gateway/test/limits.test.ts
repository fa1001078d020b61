import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { GatewayWorld } from './world/gateway-world.js';

const nested = '{ products { reviews { author { id name } } } }';

test.each([
  ['depth', { depth: 3 }, nested, 'The operation nests more than 3 levels.'],
  ['aliases', { aliases: 2 }, '{ a: caller b: caller c: caller }', 'The operation has more than 2 aliases.'],
  ['root fields', { rootFields: 1 }, '{ caller refused }', 'The operation has more than 1 root fields.'],
  ['fields', { fields: 4 }, nested, 'The operation selects more than 4 fields with its fragments spread out.'],
])('an operation over the limit of %s is refused by name', async (_, limits, query, message) => {
  await using world = await GatewayWorld.start({ limits });
  const { status, data, errors } = await world.ask(query);
  expect(status).toBe(400);
  expect(data).toBeUndefined();
  expect(errors).toMatchObject([{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  expect(world.shop.executions.products).toBe(0);
});

test('an operation at its limits passes', async () => {
  await using world = await GatewayWorld.start({ limits: { depth: 4, fields: 5, rootFields: 1, aliases: 0 } });
  expect((await world.ask(nested)).errors).toEqual([]);
});

test('fragments that double at every level are counted spread out, and counting them costs nothing', async () => {
  await using world = await GatewayWorld.start();
  const levels = 60;
  const fragments = Array.from({ length: levels }, (_, level) => {
    const below =
      level + 1 < levels
        ? `a: product(id: "1") { id } ...F${level + 1} b: product(id: "1") { id } ...F${level + 1}`
        : 'caller';
    return `fragment F${level} on Query { ${below} }`;
  });
  const { errors } = await world.ask(`{ ...F0 } ${fragments.join(' ')}`);
  expect(errors.some(({ message }) => message.includes('selects more than 2000 fields'))).toBe(true);
});

test('an introspection may be large, but not many times over under other names', async () => {
  await using world = await GatewayWorld.start();
  expect((await world.ask(getIntrospectionQuery())).errors).toEqual([]);
  const types = Array.from({ length: 11 }, (_, index) => `t${index}: types { name }`).join(' ');
  const { errors } = await world.ask(`{ __schema { ${types} } }`);
  expect(errors).toMatchObject([{ message: 'The operation has more than 10 aliases in its introspection.' }]);
});

test('fragments that go in circles are refused', async () => {
  await using world = await GatewayWorld.start();
  const { status, errors } = await world.ask(
    '{ ...A } fragment A on Query { ...B } fragment B on Query { caller ...A }',
  );
  expect(status).toBe(400);
  expect(errors[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
});

test('a text of too many tokens is not even parsed to its end', async () => {
  await using world = await GatewayWorld.start({ limits: { tokens: 50 } });
  const { status, errors } = await world.ask(`{ ${'caller '.repeat(100)} }`);
  expect(status).toBe(400);
  expect(errors[0]?.message).toContain('more that 50 tokens');
});

test('a body over the limit is refused with 413, whether it says its length or not', async () => {
  await using world = await GatewayWorld.start({ limits: { bodySize: 1_000 } });
  const big = JSON.stringify({ query: `{ ${'caller '.repeat(1_000)} }` });
  const headers = { 'content-type': 'application/json', authorization: 'Bearer anna' };
  const told = await fetch(`${world.gateway.url}/graphql`, { method: 'POST', headers, body: big });
  // Apart from the call, because only one of the two libraries that declare fetch knows `duplex`, which Node asks for.
  const stream = {
    method: 'POST',
    headers,
    body: new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(big));
        controller.close();
      },
    }),
    duplex: 'half',
  } as const;
  const streamed = await fetch(`${world.gateway.url}/graphql`, stream);
  for (const response of [told, streamed]) {
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({
      errors: [{ message: 'The body is larger than 1000 bytes.', extensions: { code: 'PAYLOAD_TOO_LARGE' } }],
    });
  }
});
