/**
 * Runs a gateway's sub-queries against one subgraph. They come from the query planner, so the same few texts arrive again and again: each is
 * parsed and validated once, which is what makes this several times faster than doing it per request.
 */
import { createSourceEventStream, execute, getOperationAST, GraphQLError, OperationTypeNode } from 'graphql';
import { parse, specifiedRules, validate, ValuesOfCorrectTypeRule } from 'graphql';
import type { DocumentNode, ExecutionResult, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { variableErrors } from './input-errors.js';
import { customScalarErrors, isValue } from './literal-errors.js';
import { StoreError } from '../storage/port.js';
import type { RequestContext, Subgraph } from './subgraph.js';

export interface SubgraphOperation {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

export type ExecutableSubgraph = Pick<Subgraph, 'name' | 'schema' | 'context'>;

type Prepared = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/** Texts, and characters in all of them. A literal in a client's operation makes a text of its own, so there must be a bound. */
const preparedTexts = { max: 1_000, maxSize: 1_000_000 };
/** Everything that, broken, means that supergraph and subgraph do not fit together: no fault of the caller's. */
const shapeRules = specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule);

/** Codes of a store's faults that pass. */
const AWAY: ReadonlySet<StoreError['code']> = new Set(['UNAVAILABLE', 'CLOSED']);

export class SubgraphExecutor {
  readonly #subgraph: ExecutableSubgraph;
  readonly #timeout: number;
  readonly #prepared = new LRUCache<string, Prepared>({ ...preparedTexts, sizeCalculation: (_, text) => text.length });

  /** @param timeout milliseconds an operation, and each event of a stream, may take */
  constructor(subgraph: ExecutableSubgraph, timeout: number) {
    this.#subgraph = subgraph;
    this.#timeout = timeout;
  }

  /** Never rejects. Errors that nobody decided on have no code; their `originalError` is the fault. */
  async execute(operation: SubgraphOperation): Promise<ExecutionResult> {
    return this.#execute(() => this.#prepare(operation.query), operation, undefined);
  }

  /**
   * Open a subscription's stream of results.
   * @throws GraphQLError when it cannot be opened; `next()` rejects with one when the stream breaks
   */
  async subscribe(operation: SubgraphOperation): Promise<AsyncIterator<ExecutionResult>> {
    const opening = this.#open(operation);
    const { events, prepared } = await this.#withinTime(opening).catch((error: unknown) => {
      // Nobody is left who would close it, should it open after all.
      opening.then(
        (late) => void late.events.return?.().catch(() => undefined),
        () => undefined,
      );
      throw this.#asTold(error);
    });
    // A context per event: loaders remember what they loaded, and a stream outlives what they remember.
    const run = (event: unknown): Promise<ExecutionResult> => this.#execute(() => prepared, operation, event);
    // Not an async generator: its return() would wait for the next() under way, so for the next event.
    return {
      next: async () => {
        const step = await events.next().catch((error: unknown) => {
          throw this.#asTold(error);
        });
        return step.done ? { done: true, value: undefined } : { done: false, value: await run(step.value) };
      },
      return: async () => {
        await events.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  async #open(operation: SubgraphOperation): Promise<{ events: AsyncIterator<unknown>; prepared: Prepared }> {
    const prepared = this.#prepare(operation.query);
    if ('errors' in prepared) throw firstOf(prepared.errors);
    const opened = await createSourceEventStream({
      schema: this.#subgraph.schema,
      document: prepared.document,
      contextValue: this.#subgraph.context(operation.context),
      variableValues: operation.variables,
      operationName: operation.operationName,
    });
    if (Symbol.asyncIterator in opened) return { events: opened[Symbol.asyncIterator](), prepared };
    throw firstOf(this.#told(opened, operation).errors);
  }

  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known) return known;
    const prepared = this.#check(text);
    this.#prepared.set(text, prepared);
    return prepared;
  }

  #check(text: string): Prepared {
    const { schema } = this.#subgraph;
    // What does not parse is a bug of the planner's, and fails the request.
    const document = parse(text, { noLocation: true });
    const broken = validate(schema, document, shapeRules);
    if (broken.length > 0) return { errors: broken };
    const values = customScalarErrors(schema, document);
    return values.length > 0 ? { errors: values } : { document };
  }

  async #execute(prepare: () => Prepared, operation: SubgraphOperation, rootValue: unknown): Promise<ExecutionResult> {
    try {
      const prepared = prepare();
      if ('errors' in prepared) return { errors: prepared.errors };
      const executing = execute({
        schema: this.#subgraph.schema,
        document: prepared.document,
        rootValue,
        contextValue: this.#subgraph.context(operation.context),
        variableValues: operation.variables,
        operationName: operation.operationName,
      });
      return this.#told(await this.#withinTime(executing), operation);
    } catch (error) {
      return { data: null, errors: [this.#asTold(error)] };
    }
  }

  async #withinTime<T>(result: T | Promise<T>): Promise<T> {
    if (!(result instanceof Promise)) return result;
    const { name } = this.#subgraph;
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const message = `${name} did not answer in ${this.#timeout} ms.`;
        reject(new GraphQLError(message, { extensions: { code: 'SUBGRAPH_TIMEOUT' } }));
      }, this.#timeout);
    });
    try {
      return await Promise.race([result, expiry]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The result with its errors as a caller may be told them. */
  #told(result: ExecutionResult, operation: SubgraphOperation): ExecutionResult {
    if (!result.errors) return result;
    // No `data` key: refused before execution, as graphql-js does for a variable that a custom scalar rejects. The gateway's own copy of
    // that scalar takes anything, so this is where bad input is first noticed.
    const refused = !('data' in result);
    const variables = refused && result.errors.some(isVariableError) ? this.#variableErrors(operation) : [];
    if (variables.length > 0) return { ...result, errors: variables };
    const changes = this.#operation(operation)?.operation === OperationTypeNode.MUTATION;
    return {
      ...result,
      errors: result.errors.map((error) => aboutArgument(error) ?? this.#aboutStore(error, changes) ?? error),
    };
  }

  #variableErrors(operation: SubgraphOperation): readonly GraphQLError[] {
    const definitions = this.#operation(operation)?.variableDefinitions ?? [];
    return variableErrors(this.#subgraph.schema, definitions, operation.variables);
  }

  #operation({ query, operationName }: SubgraphOperation): OperationDefinitionNode | null | undefined {
    const prepared = this.#prepare(query);
    return 'document' in prepared ? getOperationAST(prepared.document, operationName) : undefined;
  }

  /** What is thrown may be anything; a fault keeps its own error beneath. */
  #asTold(error: unknown): GraphQLError {
    if (error instanceof GraphQLError) return this.#aboutStore(error, false) ?? error;
    const originalError = error instanceof Error ? error : new Error(String(error));
    const told = new GraphQLError(originalError.message, { originalError });
    return this.#aboutStore(told, false) ?? told;
  }

  /** A database that is away is no bug: callers are told so, and what it means for a change. */
  #aboutStore({ originalError, path }: GraphQLError, changes: boolean): GraphQLError | undefined {
    if (!(originalError instanceof StoreError) || !AWAY.has(originalError.code)) return undefined;
    const message = `${this.#subgraph.name} cannot reach its database`;
    return changes
      ? new GraphQLError(`${message}: whether the change was made is not known.`, {
          path,
          extensions: { code: 'SUBGRAPH_OUTCOME_UNKNOWN' },
        })
      : new GraphQLError(`${message}; try again later.`, { path, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
  }
}

function firstOf(errors: readonly GraphQLError[] | undefined): GraphQLError {
  return errors?.[0] ?? new GraphQLError('The subgraph opened no stream.');
}

function isVariableError(error: GraphQLError): boolean {
  return error.nodes?.[0]?.kind === 'VariableDefinition';
}

/** An argument that turns out not to fit only when variables are put into it: the caller's mistake, which graphql-js tells with all its values. */
function aboutArgument(error: GraphQLError): GraphQLError | undefined {
  const node = error.nodes?.[0];
  if (!node || !isValue(node)) return undefined;
  const name = /^Argument "(\w+)" has invalid value /.exec(error.message)?.[1];
  if (name === undefined) return undefined;
  return new GraphQLError(`"${name}" has a value that does not fit its type.`, {
    path: error.path,
    extensions: { code: 'BAD_USER_INPUT', field: name },
  });
}
