/** What goes over the wire to a subgraph, and what of its answers. */
import { expect, test } from 'vitest';
import { verifyCaller } from '@numberyard/kit/service/signature';
import { GatewayWorld, until } from '../world/gateway-world.js';
import { ShopServer, signingSecret, startOverHttp } from '../world/shop-servers.js';

const joined = '{ products(first: 2) { name rating } }';
const withoutRating = [
  { name: 'Product 1', rating: null },
  { name: 'Product 2', rating: null },
];

test('each sub-query says who calls, signed for itself, and carries the request id', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  await world.ask(joined, {}, 'bert', { 'x-request-id': 'request-0001' });
  for (const { requests } of [servers.products, servers.reviews]) {
    expect(requests).toHaveLength(1);
    const [{ method, path, headers, body }] = requests as [ShopServer['requests'][0]];
    expect(headers['x-request-id']).toBe('request-0001');
    const header = String(headers['numberyard-identity']);
    const signed = { method, path, body, header, now: Date.now() };
    expect(verifyCaller(signingSecret, signed)).toEqual({ caller: { identity: world.keys.get('Bearer bert') } });
    expect(verifyCaller(signingSecret, { ...signed, body: `${body} ` })).toEqual({ refused: 'WRONG' });
  }
});

test('without a secret a subgraph is told nothing of who calls', async () => {
  let seen: string[] = [];
  await using world = await GatewayWorld.start({}, async (subgraphs) => {
    const [products, ...others] = subgraphs;
    if (!products) throw new Error('The shop sells products.');
    const server = await ShopServer.start(products);
    server.instead = (request, response) => {
      seen = Object.keys(request.headers);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"caller":"nobody"}}');
    };
    const { name, url } = server.address;
    return { subgraphs: [{ name, url }, ...others], stop: () => server.stop() };
  });
  expect((await world.ask('{ caller }')).data).toEqual({ caller: 'nobody' });
  expect(seen).toContain('x-request-id');
  expect(seen).not.toContain('numberyard-identity');
  expect(seen).not.toContain('authorization');
});

test('connections are kept and used again, and there are no more of them than allowed', async () => {
  const { world, servers } = await startOverHttp({ limits: { subgraphConnections: 3 } });
  await using _ = world;
  for (let one = 0; one < 10; one++) expect((await world.ask('{ caller }')).errors).toEqual([]);
  expect(servers.products.connections).toBe(1);
  const many = Array.from({ length: 40 }, (_unused, first) =>
    world.ask('query ($first: Int) { products(first: $first) { id } }', { first }),
  );
  for (const [first, { data }] of (await Promise.all(many)).entries()) expect(data?.['products']).toHaveLength(first);
  expect(servers.products.connections).toBeLessThanOrEqual(3);
  expect(servers.products.requests).toHaveLength(50);
});

test('a subgraph that cannot be reached costs its own fields, with an error that names it and no address', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  await servers.reviews.kill();
  const { data, errors } = await world.ask(joined);
  expect(data).toEqual({ products: withoutRating });
  expect(errors).toMatchObject([
    {
      message: 'reviews cannot be reached.',
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'reviews' },
    },
  ]);
  expect(world.log.find(({ message }) => message === 'a subgraph did not answer')?.fields).toMatchObject({
    subgraph: 'reviews',
    reason: 'UNREACHABLE',
  });
  await servers.reviews.listen();
  expect((await world.ask(joined)).errors).toEqual([]);
});

test('a subgraph that is back after a moment is not missed: what was not sent is sent again, a mutation too', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  await world.ask(joined);
  const { products } = servers;
  await products.kill();
  const tries = {
    query: world.ask('{ caller }'),
    mutation: world.ask('mutation { setPrice(id: "1", price: 1) { id } }'),
  };
  await products.listen();
  expect((await tries.query).data).toEqual({ caller: 'anna' });
  expect((await tries.mutation).data).toEqual({ setPrice: { id: '1' } });
  expect(world.shop.log.events).toHaveLength(1);
});

test('a query whose connection breaks before an answer is asked again', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  servers.products.instead = (request) => {
    servers.products.instead = undefined;
    request.socket.resetAndDestroy();
  };
  expect((await world.ask('{ caller }')).data).toEqual({ caller: 'anna' });
  expect(servers.products.requests).toHaveLength(2);
});

test('a mutation whose connection breaks before an answer is not, and its caller is told so', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  servers.products.instead = (request) => void request.socket.resetAndDestroy();
  const { errors } = await world.ask('mutation { setPrice(id: "1", price: 1) { id } }');
  expect(errors).toMatchObject([
    {
      message: 'The connection to products broke before it answered: whether the change was made is not known.',
      extensions: { code: 'SUBGRAPH_OUTCOME_UNKNOWN', serviceName: 'products' },
    },
  ]);
  expect(servers.products.requests).toHaveLength(1);
});

test('a subgraph that breaks each connection is not asked without end', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  servers.products.instead = (request) => void request.socket.resetAndDestroy();
  expect((await world.ask('{ caller }')).errors[0]?.extensions['code']).toBe('SUBGRAPH_UNAVAILABLE');
  expect(servers.products.requests).toHaveLength(4);
});

test('an answer that is cut in its middle is a failure, and no half an answer', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  servers.products.instead = (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
    response.write('{"data":{"caller":"half"', () => request.socket.resetAndDestroy());
  };
  const { data, errors } = await world.ask('{ caller }');
  expect([data ?? null, errors[0]?.extensions['code']]).toEqual([null, 'SUBGRAPH_UNAVAILABLE']);
});

test('a subgraph that is starting says so, and is asked again', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  servers.products.instead = (_request, response) => {
    servers.products.instead = undefined;
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"errors":[{"message":"starting"}]}');
  };
  expect((await world.ask('{ caller }')).data).toEqual({ caller: 'anna' });
});

test('a mutation is sent again to a subgraph that is starting, but not past a proxy that says 503 of its own', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  const { products } = servers;
  const mutation = 'mutation { setPrice(id: "1", price: 1) { id } }';
  products.instead = (_request, response) => {
    products.instead = undefined;
    response.writeHead(503).end('{"errors":[{"message":"starting","extensions":{"code":"STARTING"}}]}');
  };
  expect((await world.ask(mutation)).data).toEqual({ setPrice: { id: '1' } });
  expect(products.requests).toHaveLength(2);
  for (const said of ['upstream connect error or disconnect/reset before headers', '{"errors":null}', '']) {
    products.instead = (_request, response) => void response.writeHead(503).end(said);
    const { errors } = await world.ask(mutation);
    expect(errors[0]?.extensions['code']).toBe('SUBGRAPH_OUTCOME_UNKNOWN');
  }
  expect(products.requests).toHaveLength(5);
  expect(world.shop.log.events).toHaveLength(1);
});

test('a subgraph does not choose the status of what its clients are answered', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  servers.products.instead = (_request, response) => {
    const errors = [{ message: 'No.', path: ['caller'], extensions: { code: 'FORBIDDEN', http: { status: 42 } } }];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: null, errors }));
  };
  const { status, errors } = await world.ask('{ caller }');
  expect([status, errors[0]?.message]).toEqual([200, 'No.']);
});

test('a subgraph that does not answer in time counts as failed, and its connection is given up', async () => {
  const { world, servers } = await startOverHttp({ limits: { subgraphTimeout: 100, subgraphConnections: 1 } });
  await using _ = world;
  let cut = false;
  servers.reviews.instead = (_request, response) => void response.on('close', () => (cut = true));
  const { data, errors } = await world.ask(joined);
  expect(data).toEqual({ products: withoutRating });
  expect(errors).toMatchObject([
    { message: 'reviews did not answer in 100 ms.', extensions: { code: 'SUBGRAPH_TIMEOUT', serviceName: 'reviews' } },
  ]);
  await until(() => cut, 'the connection is closed');
});

test('an answer that never ends is cut at its limit', async () => {
  const { world, servers } = await startOverHttp({ limits: { subgraphResponseSize: 100_000 } });
  await using _ = world;
  let sent = 0;
  servers.products.instead = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = (): void => {
      if (response.destroyed) return;
      sent += 16_384;
      response.write('x'.repeat(16_384), () => setImmediate(more));
    };
    more();
  };
  const { errors } = await world.ask('{ caller }');
  expect(errors).toMatchObject([
    {
      message: 'products answered with more than 100000 bytes. Ask for less at a time.',
      extensions: { code: 'SUBGRAPH_RESPONSE_TOO_LARGE' },
    },
  ]);
  expect(sent).toBeGreaterThan(100_000);
});

const strange: readonly [string, number, Record<string, string>, string, string][] = [
  ['a page', 200, { 'content-type': 'text/html' }, '<p>Welcome', 'It answered 200 with text/html, not JSON.'],
  ['no content type', 200, {}, '{"data":{}}', 'It answered 200 with no content type, not JSON.'],
  ['half of a JSON text', 200, { 'content-type': 'application/json' }, '{"data":', 'no JSON object'],
  ['a list', 200, { 'content-type': 'application/json' }, '[]', 'no JSON object'],
  ['another kind of object', 200, { 'content-type': 'application/json' }, '{"ok":true}', 'no GraphQL result'],
  ['errors without messages', 200, { 'content-type': 'application/json' }, '{"errors":[{}]}', 'no GraphQL result'],
  ['errors that are none', 200, { 'content-type': 'application/json' }, '{"data":{},"errors":[]}', 'no GraphQL result'],
  ['data that is a text', 200, { 'content-type': 'application/json' }, '{"data":"x"}', 'no GraphQL result'],
  ['a refusal without words', 400, { 'content-type': 'application/json' }, '{"data":null}', 'without saying why'],
  ['an unknown address', 404, { 'content-type': 'text/plain' }, 'Not found', 'It answered 404 with text/plain'],
  ['a redirect', 307, { location: '/graphql/elsewhere' }, '', 'a redirect, which is not followed'],
  [
    'disbelief',
    401,
    { 'content-type': 'application/json' },
    '{"errors":[{"message":"no"}]}',
    "the gateway's signature",
  ],
];

test.each(strange)('%s for an answer is a fault of the subgraph, told in the log only', async (_name, ...answer) => {
  const [status, headers, body, reason] = answer;
  const { world, servers } = await startOverHttp();
  await using _ = world;
  servers.reviews.instead = (_request, response) => void response.writeHead(status, headers).end(body);
  const { data, errors } = await world.ask(joined);
  expect(data).toEqual({ products: withoutRating });
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toMatch(/^Something went wrong/);
  expect(errors[0]?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', serviceName: 'reviews' });
  const logged = world.log.filter(({ level }) => level === 'error');
  expect(logged).toHaveLength(1);
  expect(String(logged[0]?.fields['err'])).toContain(reason);
  // A redirect that was followed would have been asked for.
  expect(servers.reviews.requests).toHaveLength(1);
});

test('of what a server says about an error its code passes, its stack does not', async () => {
  const { world, servers } = await startOverHttp({ production: false });
  await using _ = world;
  const error = {
    message: 'Sold out.',
    path: ['caller'],
    extensions: { code: 'SOLD_OUT', until: 'noon', stacktrace: ['at secret.js'], exception: { at: 'secret.js' } },
  };
  servers.products.instead = (_request, response) =>
    void response
      .writeHead(200, { 'content-type': 'application/graphql-response+json; charset=utf-8' })
      .end(JSON.stringify({ data: null, errors: [error] }));
  const { errors } = await world.ask('{ caller }');
  expect(errors).toMatchObject([{ message: 'Sold out.', extensions: { code: 'SOLD_OUT', until: 'noon' } }]);
  expect(JSON.stringify(errors)).not.toContain('secret.js');
});

test('a sub-query that the subgraph finds senseless is no mistake of the caller', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  const error = {
    message: 'Cannot query field "rating" on type "Product".',
    locations: [{ line: 1, column: 60 }],
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  };
  servers.reviews.instead = (_request, response) =>
    void response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: [error] }));
  const { errors } = await world.ask(joined);
  expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR', serviceName: 'reviews' } }]);
});
