/** GraphQL errors as they go to the gateway, which masks what nobody decided on as it does for a subgraph in its own process. */
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { Logger } from '../logging/logger.js';

/** Marks an error that nobody decided on: its message is for logs. */
const UNEXPECTED = 'INTERNAL_SERVER_ERROR';

/** Unexpected ones go to this process's log with their stacks, which the wire does not carry. */
export function toWire(error: GraphQLError, logger: Logger, requestId: string): GraphQLFormattedError {
  const { message, path, extensions } = error;
  const code = extensions['code'];
  const deliberate = typeof code === 'string' && code !== UNEXPECTED;
  if (!deliberate) logger.error({ err: error.originalError ?? error, requestId }, 'unexpected error');
  return {
    message,
    ...(path ? { path } : {}),
    extensions: deliberate ? extensions : { ...extensions, code: UNEXPECTED },
  };
}
