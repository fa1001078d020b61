/**
 * What the gateway knows of a stream that can be resumed: its root field takes `after` and its payload has a `cursor`. Clients may alias the
 * cursor or leave it out, so the primary fetch selects it once more under a name of ours; the response is shaped by the client's operation, so
 * that one never leaves the gateway.
 */
import { baseType } from '@apollo/federation-internals';
import type { CompositeType, FieldDefinition, Schema } from '@apollo/federation-internals';
import type { FetchNode } from '@apollo/query-planner';
import { Kind, parse, parseType, print, visit } from 'graphql';
import type { ArgumentNode, DocumentNode, FieldNode, OperationDefinitionNode, VariableDefinitionNode } from 'graphql';

export type AfterArgument =
  | { readonly kind: 'variable'; readonly name: string; readonly fallback: string | undefined }
  | { readonly kind: 'literal'; readonly cursor: string };

export interface Resumable {
  /** The primary fetch's operation as the client asked it, cursor added. */
  readonly fromCursor: string;
  /** The same from now on: without `after`. */
  readonly fromNow: string;
  /** The same from a cursor in a variable of ours; undefined when the stream cannot be resumed. */
  readonly fromPosition: { readonly text: string; readonly variable: string } | undefined;
  readonly after: AfterArgument | undefined;
  /** The event's cursor out of the primary fetch's data; undefined when it has none. */
  readonly cursorOf: (data: Readonly<Record<string, unknown>> | null | undefined) => string | undefined;
}

const afterArgument = 'after';
const cursorField = 'cursor';
const cursorAlias = '_gatewayCursor';
const positionVariable = '_gatewayAfter';

export function resumable(primary: FetchNode, subgraph: Schema): Resumable {
  const document = parse(primary.operation, { noLocation: true });
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const root = operation?.selectionSet.selections[0];
  // The planner spreads the root out, so there is exactly one field; anything else just cannot be resumed.
  if (!operation || operation.selectionSet.selections.length !== 1 || root?.kind !== Kind.FIELD) {
    const text = primary.operation;
    return { fromCursor: text, fromNow: text, fromPosition: undefined, after: undefined, cursorOf: () => undefined };
  }
  const declared = subgraph.schemaDefinition.rootType('subscription')?.field(root.name.value);
  const hasCursor = payloadHasCursor(declared);
  const afterType = declared?.argument(afterArgument)?.type;
  const edited = hasCursor ? withCursor(document, root) : document;
  const responseKey = root.alias?.value ?? root.name.value;
  return {
    fromCursor: print(edited),
    fromNow: print(withAfter(edited, operation, undefined)),
    fromPosition:
      hasCursor && afterType
        ? { text: print(withAfter(edited, operation, String(afterType))), variable: positionVariable }
        : undefined,
    after: afterOf(root, operation),
    cursorOf: (data) => {
      const payload = data?.[responseKey];
      if (!hasCursor || typeof payload !== 'object' || payload === null || !(cursorAlias in payload)) return undefined;
      const cursor = payload[cursorAlias];
      return typeof cursor === 'string' ? cursor : undefined;
    },
  };
}

function payloadHasCursor(declared: FieldDefinition<CompositeType> | undefined): boolean {
  const type = declared?.type && baseType(declared.type);
  return (type?.kind === 'ObjectType' || type?.kind === 'InterfaceType') && type.field(cursorField) !== undefined;
}

function withCursor(document: DocumentNode, root: FieldNode): DocumentNode {
  const field: FieldNode = {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: cursorAlias },
    name: { kind: Kind.NAME, value: cursorField },
  };
  return visit(document, {
    Field: (node) =>
      node === root && node.selectionSet
        ? { ...node, selectionSet: { ...node.selectionSet, selections: [...node.selectionSet.selections, field] } }
        : undefined,
  });
}

/** With `after` at our own variable of that type, or without it; whatever the client had there goes. */
function withAfter(document: DocumentNode, operation: OperationDefinitionNode, type: string | undefined): DocumentNode {
  const after = type === undefined ? [] : [argumentOf(positionVariable)];
  const edited: DocumentNode = visit(document, {
    OperationDefinition: (node) => ({
      ...node,
      selectionSet: {
        ...node.selectionSet,
        selections: node.selectionSet.selections.map((selection) =>
          selection.kind === Kind.FIELD
            ? {
                ...selection,
                arguments: [
                  ...(selection.arguments ?? []).filter(({ name }) => name.value !== afterArgument),
                  ...after,
                ],
              }
            : selection,
        ),
      },
    }),
  });
  const used = new Set<string>();
  visit(edited, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
  });
  const definitions = [
    ...(operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
    ...(type === undefined ? [] : [definitionOf(positionVariable, type)]),
  ];
  return visit(edited, { OperationDefinition: (node) => ({ ...node, variableDefinitions: definitions }) });
}

function argumentOf(variable: string): ArgumentNode {
  return {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: afterArgument },
    value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } },
  };
}

function definitionOf(variable: string, type: string): VariableDefinitionNode {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } },
    type: parseType(type, { noLocation: true }),
  };
}

function afterOf(root: FieldNode, operation: OperationDefinitionNode): AfterArgument | undefined {
  const value = root.arguments?.find(({ name }) => name.value === afterArgument)?.value;
  if (value?.kind === Kind.STRING) return { kind: 'literal', cursor: value.value };
  if (value?.kind !== Kind.VARIABLE) return undefined;
  const name = value.name.value;
  const fallback = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name)?.defaultValue;
  return { kind: 'variable', name, fallback: fallback?.kind === Kind.STRING ? fallback.value : undefined };
}

/** The cursor a client resumes at; undefined when it starts from now on. */
export function cursorAsked(
  after: AfterArgument | undefined,
  variables: Readonly<Record<string, unknown>>,
): string | undefined {
  if (after === undefined) return undefined;
  if (after.kind === 'literal') return after.cursor;
  const given = variables[after.name];
  return given === undefined ? after.fallback : typeof given === 'string' ? given : undefined;
}
