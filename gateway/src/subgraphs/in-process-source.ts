/** A subgraph in the same process. */
import type { ExecutionResult } from 'graphql';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import { SubgraphExecutor, type ExecutableSubgraph } from '@numberyard/kit/graph/subgraph-executor';
import type { ErrorMask } from '../errors.js';
import type { SubgraphRequest, SubgraphSource } from './source.js';

export type InProcessSubgraph = ExecutableSubgraph & Pick<Subgraph, 'routes'>;

export class InProcessSource implements SubgraphSource {
  readonly name: string;
  readonly #executor: SubgraphExecutor;
  readonly #mask: ErrorMask;

  /** @param timeout milliseconds a sub-query may take */
  constructor(subgraph: InProcessSubgraph, mask: ErrorMask, timeout: number) {
    this.name = subgraph.name;
    this.#executor = new SubgraphExecutor(subgraph, timeout);
    this.#mask = mask;
  }

  async execute(request: SubgraphRequest): Promise<ExecutionResult> {
    return this.#masked(await this.#executor.execute(request), request);
  }

  async subscribe(request: SubgraphRequest): Promise<AsyncIterator<ExecutionResult>> {
    const masking = (error: unknown): never => {
      throw this.#mask.mask(error, request.context.requestId, this.name);
    };
    const results = await this.#executor.subscribe(request).catch(masking);
    return {
      next: async () => {
        const step = await results.next().catch(masking);
        return step.done ? step : { done: false, value: this.#masked(step.value, request) };
      },
      return: async () => (await results.return?.()) ?? { done: true, value: undefined },
    };
  }

  async close(): Promise<void> {
    // Whoever made the subgraph drains it.
  }

  #masked(result: ExecutionResult, { context }: SubgraphRequest): ExecutionResult {
    if (!result.errors) return result;
    return { ...result, errors: result.errors.map((error) => this.#mask.mask(error, context.requestId, this.name)) };
  }
}
