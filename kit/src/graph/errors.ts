/** GraphQL errors for what is not the caller's domain input: rights, malformed paging, cursors. Refusals of mutations are `userErrors`, not these. */
import { GraphQLError } from 'graphql';
import { CursorError } from '../log/cursor.js';

export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}

/** @param field dotted path of the argument */
export function badInput(field: string, message: string): GraphQLError {
  return new GraphQLError(`${field}: ${message}`, { extensions: { code: 'BAD_USER_INPUT', field } });
}

/** A cursor problem as the client is told: its code says whether to start over. Other errors are passed on. */
export function toGraphQLError(error: unknown): unknown {
  return error instanceof CursorError ? new GraphQLError(error.message, { extensions: { code: error.code } }) : error;
}
