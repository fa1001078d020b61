/** What a `subscribe` message asks for: subscriptions go to the streams, queries and mutations to the ordinary executor. */
import type { ApolloServer } from '@apollo/server';
import { getOperationAST, GraphQLError, parse } from 'graphql';
import type { DocumentNode, FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import type { ErrorMask } from '../errors.js';
import { gatewayError } from '../errors.js';
import type { CallerContext, OperationContext } from '../operations/apollo.js';
import { syntaxProblem } from '@numberyard/kit/graph/input-errors';
import { InvalidOperation } from './plan.js';
import type { SubscriptionPlan, SubscriptionPlanner, Variables } from './plan.js';
import type { PacedReceiver } from './resumed-stream.js';
import type { Streams } from './streams.js';

export interface SocketOperationsOptions {
  readonly planner: SubscriptionPlanner;
  readonly streams: Streams;
  readonly server: ApolloServer<OperationContext>;
  readonly mask: ErrorMask;
  /** Lexer tokens of one operation text. */
  readonly tokens: number;
}

export type Answer =
  | { readonly kind: 'stream'; readonly start: (receiver: PacedReceiver) => () => void }
  | { readonly kind: 'result'; readonly result: Promise<FormattedExecutionResult> }
  | { readonly kind: 'refused'; readonly errors: readonly GraphQLFormattedError[] };

export class SocketOperations {
  readonly #options: SocketOperationsOptions;
  readonly #documents = new LRUCache<string, DocumentNode>({
    max: 1_000,
    maxSize: 500_000,
    sizeCalculation: (_, text) => text.length + 1,
  });

  constructor(options: SocketOperationsOptions) {
    this.#options = options;
  }

  /** Never throws: a client's mistake must not cost it the other operations on its socket. */
  answer(payload: SubscribePayload, context: CallerContext): Answer {
    try {
      return this.#answer(payload, context);
    } catch (error) {
      const errors = error instanceof InvalidOperation ? error.errors : [error];
      return {
        kind: 'refused',
        errors: errors.map((one) => this.#options.mask.mask(one, context.requestId, 'gateway').toJSON()),
      };
    }
  }

  #answer(payload: SubscribePayload, context: CallerContext): Answer {
    const text = payload.query;
    const operationName = payload.operationName ?? undefined;
    const variables: Variables = payload.variables ?? {};
    const document = this.#parse(text);
    const operation = getOperationAST(document, operationName);
    if (operation?.operation !== 'subscription') return { kind: 'result', result: this.#execute(payload, context) };

    const plan = this.#options.planner.plan({ text, operationName, document, operation });
    const errors = this.#options.planner.checkVariables(plan, variables);
    if (errors.length > 0) throw new InvalidOperation(errors);
    return { kind: 'stream', start: (receiver) => this.#start(plan, variables, context, receiver) };
  }

  #start(plan: SubscriptionPlan, variables: Variables, context: RequestContext, receiver: PacedReceiver): () => void {
    return this.#options.streams.start({ plan, variables, context, receiver });
  }

  #parse(text: string): DocumentNode {
    const known = this.#documents.get(text);
    if (known) return known;
    try {
      const document = parse(text, { maxTokens: this.#options.tokens });
      this.#documents.set(text, document);
      return document;
    } catch (error) {
      if (!(error instanceof GraphQLError || error instanceof RangeError)) throw error;
      throw gatewayError('GRAPHQL_PARSE_FAILED', syntaxProblem(error));
    }
  }

  async #execute(payload: SubscribePayload, context: CallerContext): Promise<FormattedExecutionResult> {
    const { body } = await this.#options.server.executeOperation(
      {
        query: payload.query,
        ...(payload.operationName ? { operationName: payload.operationName } : {}),
        ...(payload.variables ? { variables: payload.variables } : {}),
      },
      { contextValue: { ...context } },
    );
    if (body.kind !== 'single') throw new Error('The server answered in parts.');
    return body.singleResult;
  }
}
