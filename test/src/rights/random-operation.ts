/** Operations nobody thought of: any root field, any arguments, any selection, with the type of every object asked for as well. */
import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

export interface RandomOperation {
  readonly door: 'Query' | 'Mutation' | 'Subscription';
  readonly field: string;
  readonly document: string;
}

/** Values that arguments are given. */
export interface Values {
  /** Of things that exist. */
  readonly ids: readonly string[];
  readonly texts: readonly string[];
  /** A subscription begins there, so that something comes. */
  readonly cursor: string;
}

const DEPTH = 5;

export class RandomOperations {
  readonly #schema: GraphQLSchema;
  readonly #random: () => number;
  readonly #values: Values;

  constructor(schema: GraphQLSchema, random: () => number, values: Values) {
    this.#schema = schema;
    this.#random = random;
    this.#values = values;
  }

  /** @param door which kind of root field */
  next(door: RandomOperation['door']): RandomOperation {
    const type = this.#schema.getType(door);
    if (!isObjectType(type)) throw new Error(`The schema has no ${door}.`);
    const field = this.#one(Object.values(type.getFields()));
    const document = `${door.toLowerCase()} { ${this.#call(field, door)} ${this.#selection(field.type, DEPTH)} }`;
    return { door, field: field.name, document };
  }

  #call(field: GraphQLField<unknown, unknown>, door?: string): string {
    const given = field.args.filter((argument) => {
      if (door === 'Subscription') return argument.name === 'after';
      return isRequiredArgument(argument) || (argument.name !== 'after' && this.#chance(0.4));
    });
    const passed = given.map((argument) => `${argument.name}: ${this.#argument(argument, door)}`);
    return passed.length > 0 ? `${field.name}(${passed.join(', ')})` : field.name;
  }

  #argument({ name, type }: GraphQLArgument | GraphQLInputField, door?: string): string {
    if (door === 'Subscription') return JSON.stringify(this.#values.cursor);
    return name === 'first' ? String(1 + this.#below(500)) : this.#value(type);
  }

  #value(type: GraphQLInputType): string {
    const nullable = getNullableType(type);
    if (isListType(nullable)) return `[${this.#value(nullable.ofType)}]`;
    if (isEnumType(nullable)) return this.#one(nullable.getValues()).name;
    if (isInputObjectType(nullable)) {
      const fields = Object.values(nullable.getFields()).filter(
        (field) => isRequiredArgument(field) || this.#chance(0.4),
      );
      return `{ ${fields.map((field) => `${field.name}: ${this.#argument(field)}`).join(', ')} }`;
    }
    switch (nullable.name) {
      case 'ID':
        return JSON.stringify(this.#one(this.#values.ids));
      case 'Int':
        return String(1 + this.#below(100));
      case 'Boolean':
        return String(this.#chance(0.5));
      case 'DateTime':
        return JSON.stringify('2030-01-01T00:00:00.000Z');
      default:
        return JSON.stringify(this.#one(this.#values.texts));
    }
  }

  #selection(type: GraphQLOutputType, depth: number): string {
    const named = getNamedType(type);
    if (!isObjectType(named)) return isCompositeType(named) ? '{ __typename }' : '';
    const isWrapper = /Edge$|Connection$|Payload$|Changed$|Updated$/.test(named.name);
    const fields = Object.values(named.getFields()).filter((field) => {
      if (isCompositeType(getNamedType(field.type)) && depth <= 1) return false;
      return isWrapper || this.#chance(0.6);
    });
    const chosen = fields.map((field) => `${this.#call(field)} ${this.#selection(field.type, depth - 1)}`);
    return `{ __typename ${chosen.join(' ')} }`;
  }

  #one<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
