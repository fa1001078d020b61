/**
 * Functions that services offer each other at `POST /internal/<name>`: declared once as a table, which the server answers by and the client calls by, so
 * that whoever uses them cannot tell a function in the same process from one in another.
 */

/** Functions of a service, each of JSON or `undefined` in and out. */
export type Functions<Service> = { readonly [Name in keyof Service]: (...args: never[]) => Promise<unknown> };

export interface Endpoint<Args extends readonly unknown[], Result> {
  /** Last part of its path. */
  readonly name: string;
  /** The arguments as JSON. */
  write(...args: Args): Readonly<Record<string, unknown>>;
  /** The arguments out of JSON off the wire. @throws InputError */
  read(body: Readonly<Record<string, unknown>>): Args;
  /** The result out of JSON off the wire; `null` is what `undefined` becomes there. @throws InputError when it is none */
  result(answer: unknown): Result;
}

export type Endpoints<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...args: infer Args) => Promise<infer Result>
    ? Endpoint<Args, Result>
    : never;
};

/** Something off the wire does not fit; the message completes the sentence "<field> …". */
export class InputError extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(`${field} ${message}`);
    this.name = 'InputError';
    this.field = field;
  }
}

/** An optional text of at most `most` characters. @throws InputError */
export function optionalText(body: Readonly<Record<string, unknown>>, field: string, most: number): string | undefined {
  const value = body[field];
  if (value == null) return undefined;
  if (typeof value !== 'string' || value.length > most)
    throw new InputError(field, `must be a text of at most ${most} characters`);
  return value;
}

/** @throws InputError */
export function wholeNumber(
  body: Readonly<Record<string, unknown>>,
  field: string,
  least: number,
  most: number,
): number {
  const value = body[field];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new InputError(field, `must be a whole number from ${least} to ${most}`);
  return value;
}

/** A function of an endpoint's, as the server calls it. */
export type InternalFunction = (body: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The functions of a service by the names of their endpoints. */
export function bindEndpoints<Service extends Functions<Service>>(
  endpoints: Endpoints<Service>,
  service: Service,
): ReadonlyMap<string, InternalFunction> {
  const bound = new Map<string, InternalFunction>();
  for (const [key, endpoint] of Object.entries<Endpoint<readonly unknown[], unknown>>(endpoints)) {
    const asked: unknown = Reflect.get(service, key);
    if (typeof asked !== 'function') throw new Error(`There is no function for the endpoint ${endpoint.name}.`);
    bound.set(endpoint.name, async (body) => {
      const answer: unknown = await Reflect.apply(asked, service, endpoint.read(body));
      return answer;
    });
  }
  return bound;
}
