/**
 * Errors as another server tells them, read so that callers hear the same as of a subgraph in this process. Servers quote what callers typed in,
 * which may be a password; and what is wrong with an operation's shape is nobody's mistake but ours, as the planner wrote it.
 */
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { gatewayError } from '../errors.js';
import { inputError, shortened } from '@numberyard/kit/graph/input-errors';
import { valueAt } from '@numberyard/kit/graph/literal-errors';

/** Codes of servers for requests that they cannot make sense of. */
const senseless = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'BAD_REQUEST',
]);
/** Of graphql-js. The value is printed much like JSON, so what stands in quotes can hold anything. */
const invalidVariable =
  /^Variable "\$(\w+)" got invalid value ((?:"(?:[^"\\]|\\.)*"|[^";])*?)(?: at "([^"]*)")?; (.*)$/s;
const aboutVariable = /^Variable "\$(\w+)"/;
const invalidArgument = /^Argument "(\w+)" has invalid value /;
/** Of graphql-js, for a leaf that gave no words of its own. */
const expectedType = /^Expected (?:type|value of type) "([^"]+)"/;
/** The one variable that is the planner's. */
const representations = 'representations';

/**
 * @param refused nothing was executed
 * @param text of the operation that was asked
 */
export function foreignError(error: GraphQLFormattedError, refused: boolean, text: string): GraphQLError {
  return inputProblem(error, refused, text) ?? new GraphQLError(error.message, described(error, refused));
}

function inputProblem(error: GraphQLFormattedError, refused: boolean, text: string): GraphQLError | undefined {
  const { message } = error;
  if (refused) {
    const variable = aboutVariable.exec(message)?.[1];
    if (variable === representations) return undefined;
    if (variable !== undefined) return variableProblem(message, variable);
    const [location] = error.locations ?? [];
    const field = location && valueAt(text, location);
    if (field !== undefined && judgesValue(error)) return inputError(field, leafProblem(message));
    // Whatever a rule finds wrong has a place, but not what a scalar itself throws at a literal.
    if (!location && error.extensions?.['code'] === 'GRAPHQL_VALIDATION_FAILED') return scalarProblem(message);
  }
  const argument = invalidArgument.exec(message)?.[1];
  if (argument === undefined) return undefined;
  return new GraphQLError(`"${argument}" has a value that does not fit its type.`, {
    path: error.path,
    extensions: { code: 'BAD_USER_INPUT', field: argument },
  });
}

function variableProblem(message: string, variable: string): GraphQLError {
  const [, , , path, problem] = invalidVariable.exec(message) ?? [];
  return inputError(path ?? variable, problem === undefined ? 'does not fit its type.' : leafProblem(problem));
}

function scalarProblem(message: string): GraphQLError {
  return gatewayError('BAD_USER_INPUT', `A value does not fit: ${shortened(message)}`);
}

function leafProblem(message: string): string {
  const type = expectedType.exec(message)?.[1];
  return type === undefined ? `does not fit: ${shortened(message)}` : `must be of type ${type.replace(/!$/, '')}.`;
}

/** Whether it is about the value that stands where it points, and not about a fragment or field that happens to begin there. */
function judgesValue({ extensions }: GraphQLFormattedError): boolean {
  const code = extensions?.['code'];
  return code === undefined || code === 'GRAPHQL_VALIDATION_FAILED' || code === 'BAD_USER_INPUT';
}

function described({ path, extensions }: GraphQLFormattedError, refused: boolean) {
  const told = { ...extensions };
  // What servers in development mode add.
  delete told['stacktrace'];
  delete told['exception'];
  // By this our own server would take the status of the whole answer.
  delete told['http'];
  if (refused && senseless.has(String(told['code']))) delete told['code'];
  return { path, extensions: told };
}
