/** What callers type in may be a password: no error and no log line repeats it. */
import { expect, test } from 'vitest';
import { GatewayWorld, until } from './world/gateway-world.js';
import { SocketClient } from './world/socket-client.js';

const secret = 'hunter2secret';

const cases: readonly [string, string, unknown, string][] = [
  [
    'a variable with a field too many and one too few',
    'mutation ($input: LoginInput!) { login(input: $input) }',
    { input: { password: secret, nmae: 1 } },
    '"input" does not fit: Field "name" of required type "String!" was not provided.',
  ],
  [
    'a variable with text for a number',
    'mutation ($input: LoginInput!) { login(input: $input) }',
    { input: { name: 'x', attempts: secret } },
    '"input.attempts" must be of type Int.',
  ],
  [
    'an object for a text, in a list',
    'mutation ($input: LoginInput!) { login(input: $input) }',
    { input: { name: 'x', tags: ['a', { password: secret }] } },
    '"input.tags.1" must be of type String.',
  ],
  [
    'a variable of an enum',
    'query ($mode: Mode) { mode(mode: $mode) }',
    { mode: secret },
    '"mode" must be one of A, B.',
  ],
  [
    'a variable of a scalar of a subgraph',
    'query ($v: Even!) { even(value: $v) }',
    { v: secret },
    'An Even is an even number.',
  ],
  [
    'a null',
    'query ($v: Even!) { even(value: $v) }',
    { v: null },
    '"v" does not fit: Expected non-nullable type "Even!"',
  ],
  ['a variable left out', 'query ($v: Even!) { even(value: $v) }', { u: secret }, '"v" is required.'],
  ['a variable given as a text', '{ caller }', secret, '`variables` in a POST body should be provided as an object'],
  ['text for a number', `{ products(first: "${secret}") { id } }`, {}, '"first" must be of type Int.'],
  ['text for an enum', `{ mode(mode: "${secret}") }`, {}, '"mode" must be one of A, B.'],
  ['an unknown value of an enum', `{ mode(mode: ${secret}) }`, {}, '"mode" must be one of A, B.'],
  [
    'an object for a text',
    `mutation { login(input: { name: { password: "${secret}" } }) }`,
    {},
    '"input.name" must be of type String.',
  ],
  [
    'a list for a text in a list',
    `mutation { login(input: { name: "x", tags: ["a", ["${secret}"]] }) }`,
    {},
    '"input.tags.1" must be of type String.',
  ],
  [
    'an unknown field',
    `mutation { login(input: { name: "x", password: "${secret}", nmae: "${secret}" }) }`,
    {},
    '"input.nmae" does not fit: Field "nmae" is not defined by type "LoginInput".',
  ],
  ['a scalar of a subgraph', `{ even(value: "${secret}") }`, {}, ' does not fit: An Even is an even number.'],
  ['a default value', `query ($n: Int = "${secret}") { products(first: $n) { id } }`, {}, '"n" must be of type Int.'],
  [
    'an argument that does not fit only as it is run',
    `mutation ($tag: String = "t") { login(input: { name: "x", password: "${secret}", tags: [$tag] }) }`,
    { tag: null },
    '"input" has a value that does not fit its type.',
  ],
  ['a text where none belongs', `{ product(id "${secret}") { id } }`, {}, 'Syntax Error: Expected ":", found String.'],
  ['a name where none belongs', `{ product(id ${secret}) { id } }`, {}, 'Syntax Error: Expected ":", found Name.'],
];

test.each(cases)('%s is told without its value, over HTTP', async (_, query, variables, message) => {
  await using world = await GatewayWorld.start();
  const { errors } = await world.ask(query, variables as Record<string, unknown>);
  expect(errors.map((error) => error.message).join('\n')).toContain(message);
  expect(JSON.stringify([errors, world.log])).not.toContain(secret);
});

test.each(cases.filter(([, , variables]) => typeof variables !== 'string'))(
  '%s is told without its value, on a socket',
  async (_, query, variables, message) => {
    await using world = await GatewayWorld.start();
    const client = await SocketClient.open(world);
    client.subscribe('1', query, variables as Record<string, unknown>);
    await until(() => client.messages.length > 1, 'an answer');
    expect(JSON.stringify(client.messages)).toContain(JSON.stringify(message).slice(1, -1));
    expect(JSON.stringify([client.messages, world.log])).not.toContain(secret);
  },
);

test.each([
  [
    'a literal',
    `subscription { priceChanged(product: { password: "${secret}" }) { change } }`,
    {},
    '"product" must be of type ID.',
  ],
  [
    'a variable',
    'subscription ($p: ID) { priceChanged(product: $p) { change } }',
    { p: { password: secret } },
    '"p" must be of type ID.',
  ],
  [
    'a syntax error',
    `subscription { priceChanged(product "${secret}") { change } }`,
    {},
    'Expected ":", found String.',
  ],
])('%s of a subscription is told without its value', async (_, query, variables, message) => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', query, variables);
  await until(() => client.errors('1').length === 1, 'the refusal');
  expect(client.errors('1')[0]?.message).toContain(message);
  expect(JSON.stringify([client.messages, world.log])).not.toContain(secret);
});

test('an operation that is not in the document is refused with 400, its name not repeated', async () => {
  await using world = await GatewayWorld.start();
  const response = await fetch(`${world.gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer anna' },
    body: JSON.stringify({ query: '{ caller }', operationName: secret }),
  });
  const text = await response.text();
  expect([response.status, text.includes('OPERATION_RESOLUTION_FAILURE')]).toEqual([400, true]);
  const client = await SocketClient.open(world);
  client.subscribe('1', '{ caller }', {}, secret);
  await until(() => client.errors('1').length === 1, 'the refusal');
  expect(JSON.stringify([text, client.messages, world.log])).not.toContain(secret);
});

test('an operation nested too deeply to be parsed is refused as one, by HTTP and on a socket', async () => {
  await using world = await GatewayWorld.start({ limits: { tokens: 100_000 } });
  const query = `{ product(id: ${'['.repeat(40_000)}${']'.repeat(40_000)}) { id } }`;
  const expected = { message: 'The operation nests too deeply.', extensions: { code: 'GRAPHQL_PARSE_FAILED' } };
  expect((await world.ask(query)).errors).toMatchObject([expected]);
  const client = await SocketClient.open(world);
  client.subscribe('1', query);
  await until(() => client.errors('1').length === 1, 'the refusal');
  expect(client.errors('1')).toMatchObject([expected]);
});

test('a name of a megabyte is not sent back, and a hundred errors are one code in the log', async () => {
  await using world = await GatewayWorld.start();
  const { errors } = await world.ask(`{ ${'x'.repeat(900_000)} a b c d }`);
  expect(errors.length).toBeGreaterThan(4);
  expect(JSON.stringify(errors).length).toBeLessThan(2_000);
  const line = world.log.find(({ message }) => message === 'operation');
  expect(line?.fields['errors']).toEqual(['GRAPHQL_VALIDATION_FAILED']);
});

test('thousands of bad values make twenty errors', async () => {
  await using world = await GatewayWorld.start();
  const { status, errors } = await world.ask('mutation ($input: LoginInput!) { login(input: $input) }', {
    input: { name: 'x', tags: Array.from({ length: 50_000 }, (_, index) => index) },
  });
  expect([status, errors.length]).toEqual([400, 20]);
  expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'input.tags.0' } });
});
