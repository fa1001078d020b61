/** An invented graph of three subgraphs: products, their reviews, the people who wrote those. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { composeServices } from '@apollo/composition';
import { GraphQLError, GraphQLScalarType, parse } from 'graphql';
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import type { InProcessSubgraph } from '../../src/subgraphs/in-process-source.js';
import { ShopLog } from './shop-log.js';
import type { PriceEvent } from './shop-log.js';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';

const productsSdl = `${link}
  scalar Even
  type Product @key(fields: "id") { id: ID! name: String! price: Int! }
  type PriceChanged { change: String! product: Product! cursor: String! caller: String! }
  type Tick { at: Int! }
  type Query {
    products(first: Int = 20): [Product!]!
    product(id: ID!): Product
    caller: String!
    broken: String
    refused: String
    slow: String
    even(value: Even!): String
    mode(mode: Mode): String
  }
  enum Mode { A B }
  input LoginInput { name: String! password: String attempts: Int tags: [String!] }
  type Mutation {
    setPrice(id: ID!, price: Int!): Product!
    login(input: LoginInput!): String
  }
  type Subscription {
    priceChanged(product: ID, after: String): PriceChanged!
    tick: Tick!
  }`;

const reviewsSdl = `${link}
  type Product @key(fields: "id") { id: ID! rating: Int reviews: [Review!]! }
  type Review { id: ID! text: String! author: Person! }
  type Person @key(fields: "id") { id: ID! }`;

const peopleSdl = `${link}
  type Person @key(fields: "id") { id: ID! name: String! }
  type Query { people: [Person!]! }`;

interface Reference {
  readonly id: string;
}

export class Shop {
  readonly log = new ShopLog();
  /** How often each subgraph executed something. */
  readonly executions = { products: 0, reviews: 0, people: 0 };
  readonly contexts: RequestContext[] = [];
  /** Subgraphs that fail whatever they are asked. */
  readonly down = new Set<string>();
  /** Awaited by whoever asks for `slow`. */
  slowAnswer: Promise<string> = Promise.resolve('done');
  /** Awaited by each join on the reviews; lets a test hold an execution back. */
  beforeReviews: () => Promise<void> = async () => undefined;

  /** Awaited before a stream of prices opens, and before each of its payloads. */
  beforeOpen: () => Promise<void> = async () => undefined;
  beforePayload: () => Promise<void> = async () => undefined;

  readonly supergraphSdl: string;
  readonly subgraphs: readonly InProcessSubgraph[];

  constructor() {
    const composed = composeServices([
      { name: 'products', url: 'http://products', typeDefs: parse(productsSdl) },
      { name: 'reviews', url: 'http://reviews', typeDefs: parse(reviewsSdl) },
      { name: 'people', url: 'http://people', typeDefs: parse(peopleSdl) },
    ]);
    if (!composed.supergraphSdl) throw new Error(String(composed.errors));
    this.supergraphSdl = composed.supergraphSdl;
    this.subgraphs = [this.#products(), this.#reviews(), this.#people()];
  }

  #products(): InProcessSubgraph {
    const product = (id: string) => ({ id, name: `Product ${id}`, price: 100 });
    const even = new GraphQLScalarType({
      name: 'Even',
      parseValue: (value) => {
        if (typeof value === 'number' && value % 2 === 0) return value;
        throw new GraphQLError('An Even is an even number.', { extensions: { code: 'BAD_USER_INPUT' } });
      },
    });
    return this.#subgraph('products', productsSdl, {
      Even: even,
      Product: { __resolveReference: ({ id }: Reference) => product(id) },
      Query: {
        products: (_: unknown, { first }: { first: number }) =>
          Array.from({ length: first }, (_unused, index) => product(String(index + 1))),
        product: (_: unknown, { id }: Reference) => product(id),
        caller: (_: unknown, _args: unknown, { identity }: RequestContext) => identity.label,
        broken: () => {
          throw new Error('connect ECONNREFUSED 10.0.0.7:5432');
        },
        refused: () => {
          throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN' } });
        },
        slow: () => this.slowAnswer,
        even: () => 'even',
        mode: () => 'mode',
      },
      Mutation: {
        login: () => 'logged in',
        setPrice: (_: unknown, { id, price }: { id: string; price: number }) => {
          this.log.append(id);
          return { ...product(id), price };
        },
      },
      Subscription: {
        priceChanged: {
          subscribe: async (_: unknown, args: { product?: string; after?: string }) => {
            await this.beforeOpen();
            return this.log.read(args.after, args.product);
          },
          resolve: async (event: PriceEvent, _: unknown, { identity }: RequestContext) => {
            await this.beforePayload();
            return {
              change: event.change,
              product: product(event.product),
              cursor: this.log.cursor(event.position),
              caller: identity.label,
            };
          },
        },
        tick: {
          subscribe: () => this.log.read(undefined, undefined),
          resolve: (event: PriceEvent) => ({ at: event.position }),
        },
      },
    });
  }

  #reviews(): InProcessSubgraph {
    return this.#subgraph('reviews', reviewsSdl, {
      Product: {
        __resolveReference: async ({ id }: Reference) => {
          await this.beforeReviews();
          return { id };
        },
        rating: ({ id }: Reference) => (Number(id) % 5) + 1,
        reviews: ({ id }: Reference) => [{ id: `r${id}`, text: `Review of ${id}`, author: { id: `p${id}` } }],
      },
    });
  }

  #people(): InProcessSubgraph {
    return this.#subgraph('people', peopleSdl, {
      Person: { __resolveReference: ({ id }: Reference) => ({ id, name: `Person ${id}` }) },
      Query: { people: () => [] },
    });
  }

  #subgraph(name: 'products' | 'reviews' | 'people', sdl: string, resolvers: object): InProcessSubgraph {
    type Resolvers = Parameters<typeof buildSubgraphSchema>[0] extends infer T
      ? T extends { resolvers?: infer R }
        ? R
        : never
      : never;
    const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as Resolvers });
    return {
      name,
      schema,
      context: (request) => {
        this.executions[name] += 1;
        if (this.down.has(name)) throw new Error(`${name} is down at 10.0.0.9`);
        this.contexts.push(request);
        return request;
      },
    };
  }
}
