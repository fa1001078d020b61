/** Keeps Apollo from telling callers what they typed in: variables are judged before it sees them, and its own messages lose the values they quote. */
import { HeaderMap } from '@apollo/server';
import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { gatewayError } from '../errors.js';
import type { OperationContext } from './apollo.js';
import { syntaxProblem, variableErrors } from '@numberyard/kit/graph/input-errors';
import { validationProblems } from '@numberyard/kit/graph/literal-errors';

export const inputCheck: ApolloServerPlugin<OperationContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation) return;
      throw gatewayError('OPERATION_RESOLUTION_FAILURE', 'Name one operation of the document in `operationName`.', {
        http: { status: 400 },
      });
    },
    // Also for its bound: graphql-js would make an error of each of thousands of bad values, which takes it half a minute.
    responseForOperation: async ({ schema, operation, request }) => {
      const errors = variableErrors(schema, operation.variableDefinitions ?? [], request.variables ?? {});
      if (errors.length === 0) return null;
      return {
        http: { status: 400, headers: new HeaderMap() },
        body: { kind: 'single', singleResult: { errors: errors.map((error) => error.toJSON()) } },
      };
    },
  }),
};

/** Errors about the text of an operation, without what they quote of it. */
export function withoutValues(
  errors: readonly GraphQLFormattedError[],
  { errors: originals, schema, document }: GraphQLRequestContext<OperationContext>,
): readonly GraphQLFormattedError[] {
  const code = errors[0]?.extensions?.['code'];
  if (code === 'GRAPHQL_PARSE_FAILED') {
    return errors.map((error) => ({ ...error, message: syntaxProblem(error) }));
  }
  if (code !== 'GRAPHQL_VALIDATION_FAILED' || !document) return errors;
  const problems = validationProblems(schema, document, (originals ?? []).filter(isGraphQLError));
  return errors.map((error, index) => ({ ...error, message: problems[index] ?? 'The operation is invalid.' }));
}

function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError;
}
