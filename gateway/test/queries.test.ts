import { expect, test } from 'vitest';
import { GatewayWorld } from './world/gateway-world.js';

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
