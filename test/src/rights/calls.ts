/** Every way into the graph, as calls: root fields and references of entities, each once for every argument that names a thing. */
import { subgraphNames, type SubgraphName } from '@numberyard/schema/sdl';
import { needOf, type Door, type Need } from '@numberyard/schema/operation-powers';
import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
} from 'graphql';
import { selectionOf } from '../plans/questions.js';
import type { Places } from './places.js';
import { OF_KNOWN_NODES, sampleOf, SHORT_FORM, SPELLED, type Sample } from './samples.js';
import type { Kind, Things } from './things.js';

/** An argument that names a thing: where it is in the variables, and what it names. */
export interface Address {
  readonly path: readonly string[];
  readonly kind: Kind;
  /** Whether a thing above the caller is answered, in short. */
  readonly isKnownFromBelow: boolean;
}

export interface Operation {
  readonly door: Exclude<Door, 'Route'>;
  readonly name: string;
  readonly subgraph: SubgraphName;
  readonly need: Need;
  readonly document: string;
  readonly addresses: readonly Address[];
  /** Kind of what a list lists. */
  readonly lists: Kind | undefined;
  readonly isPaged: boolean;
  /**
   * @param ids by address; an argument without one is left out where it may be
   * @param flags of the input
   */
  variables(things: Things, ids: ReadonlyMap<Address, string>, flags?: readonly string[]): Record<string, unknown>;
}

const DEPTH = 5;

/** @throws Error that names an argument without a sample, or a door without a power */
export function operationsOf(places: Pick<Places, 'subgraphs'>): Operation[] {
  return subgraphNames.flatMap((subgraph) => {
    const { schema } = places.subgraphs[subgraph];
    const roots = (['Query', 'Mutation', 'Subscription'] as const).flatMap((door) => {
      const type = schema.getType(door);
      const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
      return fields.filter(({ name }) => !name.startsWith('_')).map((field) => rootOperation(subgraph, door, field));
    });
    const entities = entitiesOf(schema).map((name) => entityOperation(subgraph, schema, name));
    return [...roots, ...entities, ...addedFieldsOf(subgraph, schema)];
  });
}

/** Types that the subgraph resolves by reference. */
function entitiesOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).flatMap(({ name, extensions }) => {
    const apollo = extensions['apollo'] as { subgraph?: { resolveReference?: unknown } } | undefined;
    return apollo?.subgraph?.resolveReference ? [name] : [];
  });
}

/** Fields that the subgraph adds to types of others, each as a question about one thing. */
function addedFieldsOf(subgraph: SubgraphName, schema: GraphQLSchema): Operation[] {
  const entities = schema.getType('_Entity');
  const added = isUnionType(entities) ? entities.getTypes() : [];
  const own = new Set(entitiesOf(schema));
  return added
    .filter(({ name }) => !own.has(name))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter(({ name }) => name !== 'id')
        .map((field): Operation => {
          const selection = `${field.name} ${selectionOf(field.type, DEPTH)}`;
          const name = `${type.name}.${field.name}`;
          return {
            ...referenceOperation(subgraph, type.name, selection),
            door: 'Field',
            name,
            need: neededBy('Field', name),
          };
        }),
    );
}

interface Leaf {
  readonly path: readonly string[];
  readonly sample: Sample;
}

function rootOperation(
  subgraph: SubgraphName,
  door: 'Query' | 'Mutation' | 'Subscription',
  field: GraphQLField<unknown, unknown>,
): Operation {
  const leaves = field.args.flatMap((argument) => leavesOf(field.name, argument, [argument.name]));
  const addresses = new Map(
    leaves.flatMap(({ path, sample }) =>
      'kind' in sample ? [[path.join('.'), addressOf(field.name, path, sample.kind, door)] as const] : [],
    ),
  );
  const isPaged = field.args.some(({ name }) => name === 'first');
  const declared = field.args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const called = declared === '' ? field.name : `${field.name}(${passed})`;
  const head = declared === '' ? door.toLowerCase() : `${door.toLowerCase()} (${declared})`;
  return {
    door,
    name: field.name,
    subgraph,
    need: neededBy(door, field.name),
    document: `${head} { ${called} ${selectionOf(field.type, DEPTH)} }`,
    addresses: [...addresses.values()],
    lists: isPaged ? listed(field) : undefined,
    isPaged,
    variables(things, ids, flags = []) {
      const variables: Record<string, unknown> = isPaged ? { first: 500 } : {};
      for (const { path, sample } of leaves) {
        const address = addresses.get(path.join('.'));
        const id = address && ids.get(address);
        if (address && id === undefined) continue;
        const value = 'value' in sample ? sample.value(things) : sample.isList ? [id] : id;
        put(variables, path, value);
      }
      for (const id of ids.values()) Object.assign(variables, SPELLED[field.name]?.(id));
      for (const flag of flags) put(variables, ['input', flag], true);
      return variables;
    },
  };
}

function entityOperation(subgraph: SubgraphName, schema: GraphQLSchema, name: string): Operation {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no object type`);
  const selection = selectionOf(type, DEPTH).trim().slice(1, -1);
  return { ...referenceOperation(subgraph, name, selection), need: neededBy('Entity', name) };
}

function referenceOperation(subgraph: SubgraphName, name: string, selection: string): Omit<Operation, 'need'> {
  const kind = name as Kind;
  const address: Address = { path: ['representations'], kind, isKnownFromBelow: kind in SHORT_FORM };
  return {
    door: 'Entity',
    name,
    subgraph,
    document: `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${name} { ${selection} } } }`,
    addresses: [address],
    lists: undefined,
    isPaged: false,
    variables: (_, ids) => ({ representations: [{ __typename: name, id: ids.get(address) }] }),
  };
}

function neededBy(door: Door, name: string): Need {
  const need = needOf(door, name);
  if (!need) throw new Error(`${door} ${name} needs no power`);
  return need;
}

function addressOf(field: string, path: readonly string[], kind: Kind, door: string): Address {
  const isRead = door === 'Query' && path.join('.') === 'id' && kind in SHORT_FORM;
  return { path, kind, isKnownFromBelow: isRead || OF_KNOWN_NODES.includes(`${field}.${path.join('.')}`) };
}

/** The arguments to be given below one, through input objects. */
function leavesOf(owner: string, argument: GraphQLArgument | GraphQLInputField, path: readonly string[]): Leaf[] {
  const nullable = getNullableType(argument.type);
  if (isInputObjectType(nullable)) {
    // What may be left out is given for the sake of the things it names only.
    const isLeftOut = nullable === argument.type;
    const fields = Object.values(nullable.getFields()).filter(
      ({ type }) => !isLeftOut || getNamedType(type).name === 'ID' || isInputObjectType(getNullableType(type)),
    );
    return fields.flatMap((field) => leavesOf(nullable.name, field, [...path, field.name]));
  }
  const sample = sampleOf(owner, argument);
  return sample ? [{ path, sample }] : [];
}

function put(into: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) into[first] = value;
  else put((into[first] ??= {}) as Record<string, unknown>, rest, value);
}

/** The type of the nodes of a connection. */
function listed(field: GraphQLField<unknown, unknown>): Kind {
  return getNamedType(field.type).name.replace(/Connection$/, '') as Kind;
}
