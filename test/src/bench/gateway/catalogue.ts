/** An invented graph of three subgraphs, the same data for every contender: items, the shops that sell them, the owners of those. */
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';

export const itemsSdl = `${link}
  type Item @key(fields: "id") { id: ID! title: String! state: String! price: Int! tags: [String!]! shop: Shop! }
  type Shop @key(fields: "id") { id: ID! }
  type Query { items(from: Int!, first: Int!): [Item!]! }`;

export const shopsSdl = `${link}
  type Shop @key(fields: "id") { id: ID! name: String! city: String! open: Boolean! }`;

export const stockSdl = `${link}
  type Item @key(fields: "id") { id: ID! stock: Stock! }
  type Stock { count: Int! place: String! }`;

/** The list every contender is asked for: twenty items, each joined with two other subgraphs. */
export const listQuery = `query List($from: Int!) {
  items(from: $from, first: 20) { id title state price tags shop { name city open } stock { count place } }
}`;

/** Distinct values of the variable; one constant body would flatter whoever joins requests in flight. */
export const variableSets = 400;

export interface BenchSubgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
}

interface Reference {
  readonly id: string;
}

export function subgraphs(): readonly BenchSubgraph[] {
  const states = ['NEW', 'USED', 'RESERVED'];
  const item = (index: number) => ({
    id: `item-${index}`,
    title: `Item number ${index}`,
    state: states[index % states.length],
    price: 100 + (index % 900),
    tags: [`tag-${index % 7}`, `tag-${index % 11}`],
    shop: { id: `shop-${index % 50}` },
  });
  return [
    {
      name: 'items',
      schema: buildSubgraphSchema({
        typeDefs: parse(itemsSdl),
        resolvers: {
          Query: {
            items: (_: unknown, { from, first }: { from: number; first: number }) =>
              Array.from({ length: first }, (_unused, offset) => item(from + offset)),
          },
        },
      }),
    },
    {
      name: 'shops',
      schema: buildSubgraphSchema({
        typeDefs: parse(shopsSdl),
        resolvers: {
          Shop: {
            __resolveReference: ({ id }: Reference) => ({
              id,
              name: `Name of ${id}`,
              city: `City of ${id}`,
              open: true,
            }),
          },
        },
      }),
    },
    {
      name: 'stock',
      schema: buildSubgraphSchema({
        typeDefs: parse(stockSdl),
        resolvers: {
          Item: {
            __resolveReference: ({ id }: Reference) => ({ id, stock: { count: id.length, place: `Shelf ${id}` } }),
          },
        },
      }),
    },
  ];
}

/** @param urls of the subgraphs by name; where they are called in process, nobody reads it */
export function supergraph(urls: Readonly<Record<string, string>> = {}): string {
  const services = Object.entries({ items: itemsSdl, shops: shopsSdl, stock: stockSdl });
  const composed = composeServices(
    services.map(([name, sdl]) => ({ name, url: urls[name] ?? `http://${name}.invalid`, typeDefs: parse(sdl) })),
  );
  if (!composed.supergraphSdl) throw new Error(String(composed.errors));
  return composed.supergraphSdl;
}
