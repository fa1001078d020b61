import { badInput } from '@numberyard/kit/graph/errors';

const MOST = 10_000;

/**
 * How many findings one operation may ask for, all its pages together. A finding leads to its run and that to its findings again, so that a short operation within
 * all other limits would ask for millions.
 */
export class Allowance {
  #left = MOST;

  /** @throws GraphQLError BAD_USER_INPUT */
  take(first: number): void {
    if (first > this.#left) throw badInput('first', `comes to more than ${MOST} findings in one operation.`);
    this.#left -= first;
  }
}
