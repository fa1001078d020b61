/**
 * What is wrong with a caller's input, told by its place and the rule it breaks and never by its value: graphql-js quotes values in its messages, and
 * among them are passwords and keys.
 */
import {
  coerceInputValue,
  getNamedType,
  getNullableType,
  GraphQLError,
  isEnumType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  isInputObjectType,
  isSpecifiedScalarType,
  typeFromAST,
} from 'graphql';
import type { GraphQLInputType, GraphQLSchema, VariableDefinitionNode } from 'graphql';

/** A list of thousands of bad values must not become thousands of errors. */
const mostErrors = 20;
/** Characters. Names that do not exist are as long as a caller makes them. */
const longestMessage = 500;

/** @returns errors BAD_USER_INPUT with the dotted path in `field`, for variables that do not fit their types; at most 20 */
export function variableErrors(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  values: Readonly<Record<string, unknown>>,
): readonly GraphQLError[] {
  const errors: GraphQLError[] = [];
  const enough = new Error('enough');
  const report = (field: string, problem: string): void => {
    errors.push(inputError(field, problem));
    if (errors.length === mostErrors) throw enough;
  };
  try {
    for (const definition of definitions) {
      const name = definition.variable.name.value;
      const type = typeFromAST(schema, definition.type);
      if (!isInputType(type)) continue;
      if (Object.hasOwn(values, name)) {
        coerceInputValue(values[name], type, (path, value, error) =>
          report([name, ...path].join('.'), problemOf(typeAt(type, path), value, error)),
        );
      } else if (isNonNullType(type) && definition.defaultValue === undefined) report(name, 'is required.');
    }
  } catch (error) {
    if (error !== enough) throw error;
  }
  return errors;
}

/** @param field dotted path */
export function inputError(field: string, problem: string): GraphQLError {
  return new GraphQLError(`"${field}" ${problem}`, { extensions: { code: 'BAD_USER_INPUT', field } });
}

function problemOf(type: GraphQLInputType | undefined, value: unknown, error: GraphQLError): string {
  // All others name types and fields only.
  if (type && isLeafType(getNamedType(type)) && value != null) return leafProblem(type, error);
  return `does not fit: ${shortened(error.message)}`;
}

export function shortened(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message;
}

/** @param error thrown by the scalar; its words are taken over when the scalar is one of a subgraph's, which were chosen with care */
export function leafProblem(type: GraphQLInputType, error: unknown): string {
  const leaf = getNamedType(type);
  if (isSpecifiedScalarType(leaf) || isEnumType(leaf)) return expectation(type);
  const chosen = error instanceof GraphQLError && error.originalError === undefined && !error.nodes;
  return chosen ? `does not fit: ${error.message}` : expectation(type);
}

/** The rule a value of this type has to keep. */
export function expectation(type: GraphQLInputType): string {
  const named = getNamedType(type);
  const list = isListType(getNullableType(type)) ? ' or a list of those' : '';
  if (isEnumType(named)) {
    const values = named.getValues().map(({ name }) => name);
    return `must be one of ${values.join(', ')}${list}.`;
  }
  return `must be of type ${named.name}${list}.`;
}

/** The type of what lies at `path` below a value of `type`. */
function typeAt(type: GraphQLInputType, path: readonly (string | number)[]): GraphQLInputType | undefined {
  let at: GraphQLInputType | undefined = type;
  for (const key of path) {
    const nullable: GraphQLInputType = getNullableType(at);
    if (typeof key === 'number') at = isListType(nullable) ? nullable.ofType : undefined;
    else {
      // A single value may stand for a list of one.
      const object = getNamedType(nullable);
      at = isInputObjectType(object) ? object.getFields()[key]?.type : undefined;
    }
    if (!at) return undefined;
  }
  return at;
}

/** What keeps a text from being parsed, without the text it was found at: there is a position for that. */
export function syntaxProblem({ message }: { readonly message: string }): string {
  // The parser calls itself for each level, to the end of the stack.
  if (!message.startsWith('Syntax Error: ')) return 'The operation nests too deeply.';
  return message
    .replace(/\b(Name|Int|Float|String|BlockString|Comment) "[\s\S]*$/, '$1.')
    .replace(/^(Syntax Error: Invalid [^:]*):[\s\S]*$/, '$1.')
    .replace(/ but got$/, '');
}
