/**
 * A subgraph in the same process. Sub-queries come from the query planner, so the same few texts arrive again and again: each is parsed and
 * validated once, which is what makes this several times faster than doing it per request.
 */
import { createSourceEventStream, execute, parse, specifiedRules, validate, ValuesOfCorrectTypeRule } from 'graphql';
import { getOperationAST, GraphQLError } from 'graphql';
import type { DocumentNode, ExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import { gatewayError } from '../errors.js';
import type { ErrorMask } from '../errors.js';
import { variableErrors } from '../operations/input-errors.js';
import { customScalarErrors, isValue } from '../operations/literal-errors.js';
import type { SubgraphRequest, SubgraphSource } from './source.js';

export type InProcessSubgraph = Pick<Subgraph, 'name' | 'schema' | 'context'>;

type Prepared = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/** Texts, and characters in all of them. A literal in a client's operation makes a text of its own, so there must be a bound. */
const preparedTexts = { max: 1_000, maxSize: 1_000_000 };
/** Everything that, broken, means that supergraph and subgraph do not fit together: no fault of the caller's. */
const shapeRules = specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule);

export class InProcessSource implements SubgraphSource {
  readonly #subgraph: InProcessSubgraph;
  readonly #mask: ErrorMask;
  readonly #timeout: number;
  readonly #prepared = new LRUCache<string, Prepared>({ ...preparedTexts, sizeCalculation: (_, text) => text.length });

  /** @param timeout milliseconds a sub-query may take */
  constructor(subgraph: InProcessSubgraph, mask: ErrorMask, timeout: number) {
    this.#subgraph = subgraph;
    this.#mask = mask;
    this.#timeout = timeout;
  }

  get name(): string {
    return this.#subgraph.name;
  }

  async execute(request: SubgraphRequest): Promise<ExecutionResult> {
    return this.#execute(() => this.#prepare(request.query), request, undefined);
  }

  async subscribe(request: SubgraphRequest): Promise<AsyncIterator<ExecutionResult>> {
    const { requestId } = request.context;
    const prepared = this.#prepare(request.query);
    if ('errors' in prepared)
      throw this.#masked(prepared, request).errors?.[0] ?? new Error('The sub-query is invalid.');
    const opening = createSourceEventStream({
      schema: this.#subgraph.schema,
      document: prepared.document,
      contextValue: this.#subgraph.context(request.context),
      variableValues: request.variables,
      operationName: request.operationName,
    });
    const opened = await this.#withinTime(opening).catch((error: unknown) => {
      // Nobody is left who would close it, should it open after all.
      opening.then(closeStream, () => undefined);
      throw this.#mask.mask(error, requestId, this.name);
    });
    if (!(Symbol.asyncIterator in opened)) {
      throw this.#masked(opened, request).errors?.[0] ?? new Error('The subgraph opened no stream.');
    }
    const events = opened[Symbol.asyncIterator]();
    // A context per event: loaders remember what they loaded, and a stream outlives what they remember.
    const run = (event: unknown): Promise<ExecutionResult> => this.#execute(() => prepared, request, event);
    // Not an async generator: its return() would wait for the next() under way, so for the next event.
    return {
      next: async () => {
        const step = await events.next().catch((error: unknown) => {
          throw this.#mask.mask(error, requestId, this.name);
        });
        return step.done ? { done: true, value: undefined } : { done: false, value: await run(step.value) };
      },
      return: async () => {
        await events.return?.();
        return { done: true, value: undefined };
      },
    };
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

  async #execute(prepare: () => Prepared, request: SubgraphRequest, rootValue: unknown): Promise<ExecutionResult> {
    try {
      const prepared = prepare();
      if ('errors' in prepared) return this.#masked({ errors: prepared.errors }, request);
      const executing = execute({
        schema: this.#subgraph.schema,
        document: prepared.document,
        rootValue,
        contextValue: this.#subgraph.context(request.context),
        variableValues: request.variables,
        operationName: request.operationName,
      });
      return this.#masked(await this.#withinTime(executing), request);
    } catch (error) {
      return { data: null, errors: [this.#mask.mask(error, request.context.requestId, this.name)] };
    }
  }

  async #withinTime<T>(result: T | Promise<T>): Promise<T> {
    if (!(result instanceof Promise)) return result;
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(gatewayError('SUBGRAPH_TIMEOUT', `${this.name} did not answer in ${this.#timeout} ms.`)),
        this.#timeout,
      );
    });
    try {
      return await Promise.race([result, expiry]);
    } finally {
      clearTimeout(timer);
    }
  }

  #masked(result: ExecutionResult, request: SubgraphRequest): ExecutionResult {
    if (!result.errors) return result;
    // No `data` key: refused before execution, as graphql-js does for a variable that a custom scalar rejects. The gateway's own copy of
    // that scalar takes anything, so this is where bad input is first noticed.
    const refused = !('data' in result);
    const variables = refused && result.errors.some(isVariableError) ? this.#variableErrors(request) : [];
    if (variables.length > 0) return { ...result, errors: variables };
    return {
      ...result,
      errors: result.errors.map((error) =>
        this.#mask.mask(aboutArgument(error) ?? error, request.context.requestId, this.name),
      ),
    };
  }

  #variableErrors({ query, operationName, variables }: SubgraphRequest): readonly GraphQLError[] {
    const prepared = this.#prepare(query);
    const operation = 'document' in prepared ? getOperationAST(prepared.document, operationName) : undefined;
    return variableErrors(this.#subgraph.schema, operation?.variableDefinitions ?? [], variables);
  }
}

function closeStream(stream: AsyncIterable<unknown> | ExecutionResult): void {
  if (Symbol.asyncIterator in stream)
    stream[Symbol.asyncIterator]()
      .return?.()
      .catch(() => undefined);
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
