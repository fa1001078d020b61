/** `POST /internal/<name>`: what other services ask, beside the graph. */
import { GraphQLError } from 'graphql';
import { CursorError } from '../log/cursor.js';
import { StoreError } from '../storage/port.js';
import { InputError, type InternalFunction } from './endpoints.js';
import { parseJson, Refused } from './message.js';

/**
 * @param functions by name
 * @returns what the function answered, `null` for nothing
 * @throws Refused, and what the function throws
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
  return (await asked(input)) ?? null;
}

/** What a failure of whatever services ask of each other is told as, when it has a meaning for the one who asked. */
export function refusalOf(error: unknown): Refused | undefined {
  if (error instanceof InputError) return new Refused(400, 'BAD_REQUEST', `${error.message}.`);
  if (error instanceof CursorError) return new Refused(400, error.code, error.message);
  if (error instanceof GraphQLError && error.extensions['code'] === 'BAD_USER_INPUT')
    return new Refused(400, 'BAD_REQUEST', error.message);
  // Closed: this replica is stopping, another one will answer.
  if (error instanceof StoreError && (error.code === 'UNAVAILABLE' || error.code === 'CLOSED'))
    return new Refused(503, 'UNAVAILABLE', error.message);
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
