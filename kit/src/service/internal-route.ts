/** `POST /internal/<name>`: what other services ask, beside the graph. */
import { GraphQLError } from 'graphql';
import { CursorError } from '../log/cursor.js';
import { StoreError } from '../storage/port.js';
import { InputError, type InternalFunction } from './endpoints.js';
import { parseJson, Refused } from './message.js';

/**
 * @param functions by name
 * @returns what the function answered, `null` for nothing
 * @throws Refused
 */
export async function answerInternal(
  name: string,
  body: Buffer,
  functions: ReadonlyMap<string, InternalFunction>,
): Promise<unknown> {
  const asked = functions.get(name);
  if (!asked) throw new Refused(404, 'NOT_FOUND', 'There is no such function.');
  const input = parseJson(body);
  if (!isRecord(input)) throw new Refused(400, 'BAD_REQUEST', 'The body is no object.');
  try {
    return (await asked(input)) ?? null;
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

function refusalOf(error: unknown): Refused | undefined {
  if (error instanceof InputError) return new Refused(400, 'BAD_REQUEST', `${error.message}.`);
  if (error instanceof CursorError) return new Refused(400, error.code, error.message);
  if (error instanceof GraphQLError && error.extensions['code'] === 'BAD_USER_INPUT')
    return new Refused(400, 'BAD_REQUEST', error.message);
  if (error instanceof StoreError && error.code === 'UNAVAILABLE')
    return new Refused(503, 'UNAVAILABLE', error.message);
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
