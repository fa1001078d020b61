/** What goes wrong on the way to a subgraph, as callers are told it. */
import type { GraphQLError } from 'graphql';
import { gatewayError } from '../errors.js';

/** @param timeout milliseconds it had */
export function subgraphTimeout(name: string, timeout: number): GraphQLError {
  return gatewayError('SUBGRAPH_TIMEOUT', `${name} did not answer in ${timeout} ms.`);
}

/** Nothing was done. */
export function subgraphUnavailable(name: string): GraphQLError {
  return gatewayError('SUBGRAPH_UNAVAILABLE', `${name} cannot be reached.`);
}

/** A mutation was on its way when the connection broke; only the caller can know whether it is safe to repeat it. */
export function outcomeUnknown(name: string): GraphQLError {
  return gatewayError(
    'SUBGRAPH_OUTCOME_UNKNOWN',
    `The connection to ${name} broke before it answered: whether the change was made is not known.`,
  );
}

/** The way to the subgraph broke, or its events came faster than they were taken: the stream may be opened again where it stopped. */
export class StreamInterrupted extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'StreamInterrupted';
  }
}
