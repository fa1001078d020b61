/** Every query the schema allows: each root field with each combination of its arguments and of the fields of its filters. */
import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLOutputType,
} from 'graphql';

export interface Question {
  readonly field: string;
  /** Takes `$after` where the field does. */
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isPaged: boolean;
}

/**
 * Values to ask with, by `<root field>.<argument>`, `<filter type>.<field>` or the bare name of either. Enums ask with each of their values.
 */
export type Samples = Readonly<Record<string, readonly unknown[]>>;

/** How deep the selections go: a list, its entity, a list of that and the entities there. */
const DEPTH = 7;
const PAGE = 3;

/** @throws Error that names an argument there is no sample for */
export function questionsOf(schema: GraphQLSchema, samples: Samples): Question[] {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  return fields.flatMap((field) => [...deepQuestions(field, samples), ...flatQuestions(field, samples)]);
}

/** All that can be selected, once for each way to ask for the root. */
function deepQuestions(field: GraphQLField<unknown, unknown>, samples: Samples): Question[] {
  const required = field.args.filter(({ type }) => isNonNullType(type));
  const selection = selectionOf(field.type, DEPTH);
  return combinations(required.map((argument) => choices(field.name, argument, samples))).map((variables) =>
    questionOf(field, variables, selection),
  );
}

function flatQuestions(field: GraphQLField<unknown, unknown>, samples: Samples): Question[] {
  const asked = field.args.filter(({ name }) => name !== 'first' && name !== 'after');
  const selection = isPaged(field)
    ? '{ edges { cursor node { __typename } } pageInfo { endCursor } }'
    : selectionOf(field.type, 2);
  return combinations(asked.map((argument) => choices(field.name, argument, samples))).map((variables) =>
    questionOf(field, variables, selection),
  );
}

function isPaged({ args }: GraphQLField<unknown, unknown>): boolean {
  return args.some(({ name }) => name === 'after');
}

function questionOf(
  field: GraphQLField<unknown, unknown>,
  given: Readonly<Record<string, unknown>>,
  selection: string,
): Question {
  const paged = isPaged(field);
  const variables = { ...given, ...(paged && { first: PAGE, after: null }) };
  const taken = field.args.filter(({ name }) => name in variables);
  const declared = taken.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = taken.map(({ name }) => `${name}: $${name}`).join(', ');
  const query =
    taken.length > 0
      ? `query (${declared}) { ${field.name}(${passed}) ${selection} }`
      : `{ ${field.name} ${selection} }`;
  return { field: field.name, query, variables, isPaged: paged };
}

type Choice = Readonly<Record<string, unknown>>;

/** Ways to give an argument or a filter's field, or to leave it out. */
function choices(owner: string, { name, type }: GraphQLArgument | GraphQLInputField, samples: Samples): Choice[] {
  const given = valuesOf(`${owner}.${name}`, name, type, samples).map((value) => ({ [name]: value }));
  return isNonNullType(type) ? given : [{}, ...given];
}

function valuesOf(path: string, name: string, type: GraphQLInputType, samples: Samples): readonly unknown[] {
  const nullable = getNullableType(type);
  const sample = samples[path] ?? samples[name];
  if (sample) return sample;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields());
    return combinations(fields.map((field) => choices(nullable.name, field, samples)));
  }
  if (isEnumType(nullable)) return nullable.getValues().map((value) => value.name);
  if (isListType(nullable)) return valuesOf(path, name, nullable.ofType, samples).map((value) => [value]);
  throw new Error(`The query plans need something to ask ${path} with: give a sample.`);
}

function combinations(parts: readonly (readonly Choice[])[]): Choice[] {
  return parts.reduce<Choice[]>((all, part) => all.flatMap((one) => part.map((other) => ({ ...one, ...other }))), [{}]);
}

/** Everything below that needs no argument. */
export function selectionOf(type: GraphQLOutputType, depth: number, above: readonly string[] = []): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  if (!isObjectType(named)) return '{ __typename }';
  const fields = Object.values(named.getFields()).flatMap((field) => {
    const below = getNamedType(field.type);
    const isLeaf = !isCompositeType(below);
    if (field.args.some(({ type: argument, defaultValue }) => isNonNullType(argument) && defaultValue === undefined))
      return [];
    // An entity within itself leads nowhere new.
    if (!isLeaf && (depth <= 1 || above.includes(below.name))) return [];
    const limited = field.args.some(({ name }) => name === 'first') ? '(first: 2)' : '';
    return [`${field.name}${limited} ${selectionOf(field.type, depth - 1, [...above, named.name])}`];
  });
  return fields.length > 0 ? `{ ${fields.join(' ')} }` : '{ __typename }';
}
