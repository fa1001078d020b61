/** Errors about values written into an operation's text, told like those about variables: by place and rule, without the value. */
import { getNamedType, isEnumType, isLeafType, isSpecifiedScalarType, Kind, TypeInfo } from 'graphql';
import { parse, visit, visitWithTypeInfo } from 'graphql';
import type { ASTNode, DocumentNode, GraphQLInputType, GraphQLSchema, ValueNode, GraphQLError } from 'graphql';
import { expectation, inputError, leafProblem, shortened } from './input-errors.js';

interface Place {
  /** Dotted, from the argument on. */
  readonly path: string;
  readonly type: GraphQLInputType | undefined;
}

/** Texts of graphql-js about a value that name fields and types only. */
const harmless = /^Field "[\w.]{1,200}" (of required type "[^"]+" was not provided|is not defined by type )/;

/** The messages of validation errors; those about a value name its place and the rule. */
export function validationProblems(
  schema: GraphQLSchema,
  document: DocumentNode,
  errors: readonly GraphQLError[],
): readonly string[] {
  if (!errors.some(({ nodes }) => nodes?.[0] && isValue(nodes[0])))
    return errors.map(({ message }) => shortened(message));
  const places = placesOf(schema, document);
  return errors.map((error) => shortened(problemOf(error, places)));
}

function problemOf(error: GraphQLError, places: ReadonlyMap<ASTNode, Place>): string {
  const node = error.nodes?.[0];
  if (!node || !isValue(node)) return error.message;
  const place = places.get(node);
  const path = place?.path ?? 'A value';
  if (harmless.test(error.message)) return `"${path}" does not fit: ${error.message}`;
  if (node.kind === Kind.VARIABLE) return error.message;
  if (!place?.type) return `"${path}" does not fit its type.`;
  return node.kind === Kind.NULL ? `"${path}" must not be null.` : `"${path}" ${expectation(place.type)}`;
}

/** Errors BAD_USER_INPUT for values that scalars of a subgraph's own refuse; the gateway's copies of those scalars take anything. */
export function customScalarErrors(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const errors: GraphQLError[] = [];
  for (const [node, { path, type }] of placesOf(schema, document)) {
    const leaf = type && getNamedType(type);
    if (!type || !isLeafType(leaf) || isEnumType(leaf) || isSpecifiedScalarType(leaf) || !isLeafValue(node)) continue;
    try {
      if (leaf.parseLiteral(node) === undefined) errors.push(inputError(path, expectation(type)));
    } catch (error) {
      errors.push(inputError(path, leafProblem(type, error)));
    }
  }
  return errors;
}

/**
 * Where the value at a position of a text stands, when a value that is written out begins there.
 * @param position line and column, as GraphQL errors give them
 * @returns the dotted path from the argument on
 */
export function valueAt(
  text: string,
  position: { readonly line: number; readonly column: number },
): string | undefined {
  const document = parse(text);
  let found: string | undefined;
  visit(document, {
    enter(node, _key, _parent, path) {
      const start = node.loc?.startToken;
      const here = start?.line === position.line && start.column === position.column;
      if (here && isValue(node) && node.kind !== Kind.VARIABLE) found = pathOf(document, path);
    },
  });
  return found;
}

/** Where each value of the document stands, and what is expected there. */
function placesOf(schema: GraphQLSchema, document: DocumentNode): ReadonlyMap<ASTNode, Place> {
  const places = new Map<ASTNode, Place>();
  const types = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(types, {
    enter(node, _key, _parent, path) {
      if (!isValue(node)) return;
      // A list's own type is the parent of what its entries are to be.
      const type = node.kind === Kind.LIST ? types.getParentInputType() : types.getInputType();
      places.set(node, { path: pathOf(document, path), type: type ?? undefined });
    },
  });
  visit(document, visitor);
  return places;
}

function pathOf(document: DocumentNode, keys: readonly (string | number)[]): string {
  const names: (string | number)[] = [];
  let at: unknown = document;
  let list = '';
  for (const key of keys) {
    at = Reflect.get(Object(at), key);
    if (typeof key === 'string') list = key;
    else if (list === 'values') names.push(key);
    if (isNamed(at)) names.push(at.name.value);
    else if (isDefinition(at)) names.push(at.variable.name.value);
  }
  return names.join('.');
}

function isNamed(value: unknown): value is { name: { value: string } } {
  return isNode(value) && (value.kind === Kind.ARGUMENT || value.kind === Kind.OBJECT_FIELD);
}

function isDefinition(value: unknown): value is { variable: { name: { value: string } } } {
  return isNode(value) && value.kind === Kind.VARIABLE_DEFINITION;
}

function isNode(value: unknown): value is { kind: string } {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

const leafKinds: ReadonlySet<string> = new Set([Kind.INT, Kind.FLOAT, Kind.STRING, Kind.BOOLEAN, Kind.ENUM]);
const otherKinds: ReadonlySet<string> = new Set([Kind.NULL, Kind.LIST, Kind.OBJECT, Kind.OBJECT_FIELD, Kind.VARIABLE]);

function isLeafValue(node: ASTNode): node is ValueNode {
  return leafKinds.has(node.kind);
}

/** Whether the node is a value, or a field of one. */
export function isValue(node: ASTNode): boolean {
  return leafKinds.has(node.kind) || otherKinds.has(node.kind);
}
