/** Refuses what a caller's key may not do, by the table of operations, before anything is looked at. */
import { forbidden } from '@numberyard/kit/graph/errors';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Route as ServedRoute } from '@numberyard/kit/service/routes';
import {
  defaultFieldResolver,
  isObjectType,
  isUnionType,
  Kind,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { needOf, powersFor, type Door, type Need, type Route } from './operation-powers.js';
import { hasPower, POWERS, type Power } from './rights.js';

interface Caller {
  readonly identity: Identity;
}
type Resolver = GraphQLFieldResolver<unknown, Caller>;
/** As @apollo/subgraph keeps it in a type's extensions. */
type ResolveReference = (reference: unknown, context: Caller, info: unknown) => unknown;

/** @throws GraphQLError FORBIDDEN that names what the caller's key may not do */
export function requirePower(identity: Identity, power: Power): void {
  if (!hasPower(identity, power)) {
    throw forbidden(`This key (${identity.role}) may not ${POWERS[power].title}.`);
  }
}

/** A route by its path, with the power it needs before it. */
export function guardRoute(name: Route, answer: ServedRoute['answer']): [path: string, route: ServedRoute] {
  const [method, path = ''] = name.split(' ');
  const need = neededFor('Route', name);
  const guarded: ServedRoute = {
    method: method === 'POST' ? 'POST' : 'GET',
    async answer(request) {
      requireNeed(request.identity, need);
      return answer(request);
    },
  };
  return [path, guarded];
}

/**
 * Puts the table's powers before every root field, every entity that is resolved by reference and every field of an entity that is not, in place.
 * @returns the same schema
 * @throws Error when one of them has no entry in the table
 */
export function guardSchema(schema: GraphQLSchema): GraphQLSchema {
  for (const door of ['Query', 'Mutation', 'Subscription'] as const) {
    for (const field of rootFields(schema, door)) {
      const need = neededFor(door, field.name);
      if (door === 'Subscription') field.subscribe = guarded(need, field.subscribe);
      else field.resolve = guarded(need, field.resolve);
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    const apollo = type.extensions['apollo'] as { subgraph?: { resolveReference?: ResolveReference } } | undefined;
    const resolve = apollo?.subgraph?.resolveReference;
    if (!apollo?.subgraph || !resolve) {
      for (const field of addedFields(schema, type))
        field.resolve = guarded(neededFor('Field', `${type.name}.${field.name}`), field.resolve);
      continue;
    }
    const need = neededFor('Entity', type.name);
    // Rejected, not thrown: what is thrown would take the other references of the same request with it.
    apollo.subgraph.resolveReference = async (reference, context, info) => {
      requireNeed(context.identity, need);
      return resolve(reference, context, info);
    };
  }
  return schema;
}

/** Federation's own are for the gateway: what comes by `_entities` is judged by type. */
function rootFields(schema: GraphQLSchema, door: Door) {
  const type = schema.getType(door);
  return isObjectType(type) ? Object.values(type.getFields()).filter(({ name }) => !name.startsWith('_')) : [];
}

/** Of a type that the subgraph only adds to: it is referred to by its key, and looked up by its owner. */
function addedFields(schema: GraphQLSchema, type: GraphQLNamedType) {
  const entities = schema.getType('_Entity');
  if (!isObjectType(type) || !isUnionType(entities) || !entities.getTypes().includes(type)) return [];
  const keys = new Set(keyFieldsOf(type));
  return Object.values(type.getFields()).filter(({ name }) => !keys.has(name));
}

/** The fields that keys of the type are made of. */
function keyFieldsOf({ astNode, extensionASTNodes }: GraphQLObjectType): string[] {
  const directives = [astNode, ...extensionASTNodes].flatMap((node) => node?.directives ?? []);
  return directives
    .filter(({ name }) => name.value === 'key')
    .flatMap(({ arguments: given = [] }) => given.find(({ name }) => name.value === 'fields') ?? [])
    .flatMap(({ value }) => (value.kind === Kind.STRING ? value.value.split(/\s+/) : []));
}

function guarded(need: Need, resolve: Resolver = defaultFieldResolver): Resolver {
  return (source, args: { readonly input?: Readonly<Record<string, unknown>> }, context, info) => {
    requireNeed(context.identity, need, args.input);
    return resolve(source, args, context, info);
  };
}

function requireNeed(identity: Identity, need: Need, input?: Readonly<Record<string, unknown>>): void {
  for (const power of powersFor(need, input)) requirePower(identity, power);
}

function neededFor(door: Door, name: string): Need {
  const need = needOf(door, name);
  if (!need) throw new Error(`${door} ${name} has no entry in the table of operations and powers.`);
  return need;
}
