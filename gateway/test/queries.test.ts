import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { startGateway } from '../src/gateway.js';
import { GatewayWorld } from './world/gateway-world.js';
import { Shop } from './world/shop.js';

test('one query joins three subgraphs, each asked once however many items there are', async () => {
  await using world = await GatewayWorld.start();
  const { data, errors } = await world.ask(
    '{ products(first: 20) { id name rating reviews { text author { name } } } }',
  );
  expect(errors).toEqual([]);
  const products = data?.['products'] as object[];
  expect(products).toHaveLength(20);
  expect(products[2]).toEqual({
    id: '3',
    name: 'Product 3',
    rating: 4,
    reviews: [{ text: 'Review of 3', author: { name: 'Person p3' } }],
  });
  expect(world.shop.executions).toEqual({ products: 1, reviews: 1, people: 1 });
});

test('every sub-query is told who calls and under which request', async () => {
  await using world = await GatewayWorld.start();
  const { data } = await world.ask('{ caller products(first: 1) { rating } }', {}, 'bert', {
    'x-request-id': 'request-0001',
  });
  expect(data?.['caller']).toBe('bert');
  expect(world.shop.contexts).toHaveLength(2);
  for (const { identity, requestId } of world.shop.contexts) {
    expect([identity, requestId]).toEqual([world.keys.get('Bearer bert'), 'request-0001']);
  }
});

test('a subgraph that is down costs its own fields, with an error that names it', async () => {
  await using world = await GatewayWorld.start();
  world.shop.down.add('reviews');
  const { data, errors } = await world.ask('{ products(first: 2) { name rating } }');
  expect(data).toEqual({
    products: [
      { name: 'Product 1', rating: null },
      { name: 'Product 2', rating: null },
    ],
  });
  expect(errors).toHaveLength(1);
  expect(errors[0]?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', serviceName: 'reviews' });
});

test('a subgraph that answers too late counts as failed', async () => {
  await using world = await GatewayWorld.start({ limits: { subgraphTimeout: 20 } });
  world.shop.slowAnswer = new Promise(() => undefined);
  const { data, errors } = await world.ask('{ slow }');
  expect(data).toEqual({ slow: null });
  expect(errors[0]).toMatchObject({
    message: 'products did not answer in 20 ms.',
    extensions: { code: 'SUBGRAPH_TIMEOUT', serviceName: 'products' },
  });
});

test('an unexpected error is hidden behind the request id and logged under it, once', async () => {
  await using world = await GatewayWorld.start();
  const { data, errors } = await world.ask('{ broken }', {}, 'anna', { 'x-request-id': 'request-0002' });
  expect(data).toEqual({ broken: null });
  expect(errors).toEqual([
    {
      message: 'Something went wrong; see the log under request id request-0002.',
      path: ['broken'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', serviceName: 'products' },
    },
  ]);
  const logged = world.log.filter(({ level }) => level === 'error');
  expect(logged).toHaveLength(1);
  expect(logged[0]?.fields).toMatchObject({ requestId: 'request-0002', where: 'products' });
  expect(String(logged[0]?.fields['err'])).toContain('ECONNREFUSED');
});

test('outside production its message is shown, a stack never is', async () => {
  await using world = await GatewayWorld.start({ production: false });
  const { errors } = await world.ask('{ broken }');
  expect(errors[0]?.message).toBe('connect ECONNREFUSED 10.0.0.7:5432');
  expect(JSON.stringify(errors)).not.toMatch(/stack| at /);
});

test('an error with a code of its own passes as it is', async () => {
  await using world = await GatewayWorld.start();
  const { errors } = await world.ask('{ refused }');
  expect(errors).toEqual([
    { message: 'Not for you.', path: ['refused'], extensions: { code: 'FORBIDDEN', serviceName: 'products' } },
  ]);
  expect(world.log.filter(({ level }) => level === 'error')).toEqual([]);
});

test.each([
  ['a variable', 'query($v: Even!) { even(value: $v) }', { v: 3 }],
  ['a literal', '{ even(value: 3) }', {}],
])('a value only the subgraph can judge, as %s, is bad input and no fault', async (_, query, variables) => {
  await using world = await GatewayWorld.start();
  const { errors } = await world.ask(query, variables);
  expect(errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  expect(errors[0]?.message).toContain('An Even is an even number.');
  expect(world.log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('an explorer can introspect', async () => {
  await using world = await GatewayWorld.start();
  const { data, errors } = await world.ask(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: false }));
  expect(errors).toEqual([]);
  expect(JSON.stringify(data)).toContain('priceChanged');
});

test('variables and keys are in no log line', async () => {
  await using world = await GatewayWorld.start();
  await world.ask('query Named($id: ID!) { product(id: $id) { name } }', { id: 'very-private' });
  await world.ask('query($v: Even!) { even(value: $v) broken }', { v: 40 });
  await world.ask('{ product }', {}, 'stolen');
  const line = world.log.find(({ message, fields }) => message === 'operation' && fields['operation'] === 'Named');
  expect(line?.fields).toMatchObject({ caller: 'key-anna', kind: 'query' });
  const text = JSON.stringify(world.log);
  expect(text).not.toMatch(/very-private|Bearer|stolen/);
});

test('a supergraph that names a subgraph nobody gave does not start', async () => {
  const shop = new Shop();
  await expect(
    startGateway({
      supergraphSdl: shop.supergraphSdl,
      subgraphs: shop.subgraphs.slice(1),
      authenticate: async () => undefined,
      readiness: async () => ({}),
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      port: 0,
      production: true,
    }),
  ).rejects.toThrow('The supergraph names a subgraph "products" that the gateway was not given.');
});
