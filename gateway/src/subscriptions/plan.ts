/** A subscription, prepared once per text and operation name: parsed, validated, planned over the subgraphs. */
import { buildOperationContext } from '@apollo/gateway';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import type { Schema } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import { GraphQLError, Kind, specifiedRules, validate, visit } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, ValidationRule } from 'graphql';
import { LRUCache } from 'lru-cache';
import { gatewayError } from '../errors.js';
import { variableErrors } from '@numberyard/kit/graph/input-errors';
import { validationProblems } from '@numberyard/kit/graph/literal-errors';
import { resumable } from './resumable.js';
import type { Resumable } from './resumable.js';

type OperationContext = ReturnType<typeof buildOperationContext>;
export type Variables = Readonly<Record<string, unknown>>;

export interface SubscriptionPlan {
  readonly text: string;
  readonly operationName: string | undefined;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly context: OperationContext;
  /** Opens the stream at the subgraph that owns the root field. */
  readonly primary: FetchNode;
  /** What runs per event: the primary fetch, answered by the event, then the joins. */
  readonly perEvent: QueryPlan;
  readonly resumable: Resumable;
  /** Declared variables but the one that only carries `after`: what makes two streams of one text different. */
  readonly distinguishing: readonly string[];
}

export interface SubscriptionRequest {
  readonly text: string;
  readonly operationName: string | undefined;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** Everything that belongs to one supergraph; another supergraph gets another planner, and so an empty cache. */
export class SubscriptionPlanner {
  readonly apiSchema: Schema;
  readonly supergraphSchema: GraphQLSchema;
  readonly #supergraph: Supergraph;
  readonly #schema: GraphQLSchema;
  readonly #planner: QueryPlanner;
  readonly #rules: readonly ValidationRule[];
  readonly #plans = new LRUCache<string, SubscriptionPlan>({
    max: 1_000,
    maxSize: 500_000,
    sizeCalculation: ({ text }) => text.length + 1,
  });

  constructor(supergraphSdl: string, rules: readonly ValidationRule[]) {
    this.#supergraph = Supergraph.build(supergraphSdl, { validateSupergraph: false });
    this.apiSchema = this.#supergraph.apiSchema();
    this.#schema = this.apiSchema.toGraphQLJSSchema();
    this.supergraphSchema = this.#supergraph.schema.toGraphQLJSSchema();
    this.#planner = new QueryPlanner(this.#supergraph);
    this.#rules = [...specifiedRules, ...rules];
  }

  /** @throws InvalidOperation */
  plan(request: SubscriptionRequest): SubscriptionPlan {
    const key = `${request.operationName ?? ''}\n${request.text}`;
    const known = this.#plans.get(key);
    if (known) return known;
    const plan = this.#make(request);
    this.#plans.set(key, plan);
    return plan;
  }

  /** @returns the problems of the variables' values; none when they fit */
  checkVariables(plan: SubscriptionPlan, variables: Variables): readonly GraphQLError[] {
    return variableErrors(this.#schema, plan.operation.variableDefinitions ?? [], variables);
  }

  #make(request: SubscriptionRequest): SubscriptionPlan {
    const { document, operationName } = request;
    const errors = this.#validate(document);
    if (errors.length > 0) throw new InvalidOperation(errors);
    const operation = operationFromDocument(
      this.apiSchema,
      document,
      operationName === undefined ? {} : { operationName },
    );
    const { node } = this.#planner.buildQueryPlan(operation);
    if (node?.kind !== 'Subscription') throw new Error('The planner made no subscription of a subscription.');
    const { primary, rest } = node;
    const subgraph = this.#supergraph.subgraphs().get(primary.serviceName);
    if (!subgraph) throw new Error(`The plan names an unknown subgraph "${primary.serviceName}".`);
    const resume = resumable(primary, subgraph.schema);
    const declared = (request.operation.variableDefinitions ?? []).map((definition) => definition.variable.name.value);
    const afterOnly =
      resume?.after?.kind === 'variable' && usesOf(resume.after.name, document) === 1 ? resume.after.name : undefined;
    return {
      ...request,
      context: buildOperationContext({ schema: this.#schema, operationDocument: document, operationName }),
      primary,
      perEvent: { kind: 'QueryPlan', node: rest ? { kind: 'Sequence', nodes: [primary, rest] } : primary },
      resumable: resume,
      distinguishing: declared.filter((name) => name !== afterOnly),
    };
  }

  #validate(document: DocumentNode): readonly GraphQLError[] {
    try {
      const errors = validate(this.#schema, document, this.#rules);
      return validationProblems(this.#schema, document, errors).map(
        (message, index) =>
          new GraphQLError(message, {
            nodes: errors[index]?.nodes,
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
          }),
      );
    } catch {
      // graphql-js 16.15 collects the root field without the variables' values, and so throws for @skip and @include on it.
      return [
        gatewayError('GRAPHQL_VALIDATION_FAILED', 'The root field of a subscription takes neither @skip nor @include.'),
      ];
    }
  }
}

/** Thrown for an operation that cannot be planned. */
export class InvalidOperation extends Error {
  readonly errors: readonly GraphQLError[];
  constructor(errors: readonly GraphQLError[]) {
    super('The operation is invalid.');
    this.name = 'InvalidOperation';
    this.errors = errors;
  }
}

function usesOf(variable: string, document: DocumentNode): number {
  let uses = 0;
  visit(document, {
    // Its own name there is no use.
    [Kind.VARIABLE_DEFINITION]: () => false,
    [Kind.VARIABLE]: ({ name }) => {
      if (name.value === variable) uses += 1;
    },
  });
  return uses;
}
