/** `POST /graphql`: one operation of an end caller. */
import type { ExecutionResult } from 'graphql';
import type { SubgraphExecutor } from '../graph/subgraph-executor.js';
import type { Logger } from '../logging/logger.js';
import { parseJson, Refused } from './message.js';
import type { Caller } from './signature.js';
import { toWire } from './wire-errors.js';

export interface GraphQLRequest {
  readonly caller: Caller;
  readonly requestId: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

/**
 * @returns the answer's body
 * @throws Refused
 */
export async function answerOperation(
  { caller, requestId, contentType, body }: GraphQLRequest,
  executor: SubgraphExecutor,
  logger: Logger,
): Promise<string> {
  if (!('identity' in caller)) throw new Refused(403, 'FORBIDDEN', 'Operations are for end callers.');
  if (!/^application\/json\b/i.test(contentType ?? ''))
    throw new Refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send JSON with the content type application/json.');
  const { query, operationName, variables } = readOperation(parseJson(body));
  const context = { identity: caller.identity, requestId };
  return JSON.stringify(wired(await executor.execute({ query, operationName, variables, context }), logger, requestId));
}

/** A result as it goes over the wire. */
export function wired(result: ExecutionResult, logger: Logger, requestId: string) {
  return result.errors
    ? { ...result, errors: result.errors.map((error) => toWire(error, logger, requestId)) }
    : { data: result.data };
}

function readOperation(value: unknown): {
  query: string;
  operationName: string | undefined;
  variables: Record<string, unknown>;
} {
  const bad = (message: string) => new Refused(400, 'BAD_REQUEST', message);
  if (!isRecord(value)) throw bad('The body is no object.');
  const { query, operationName, variables } = value;
  if (typeof query !== 'string') throw bad('"query" is no text.');
  if (operationName != null && typeof operationName !== 'string') throw bad('"operationName" is no text.');
  if (variables != null && !isRecord(variables)) throw bad('"variables" is no object.');
  return { query, operationName: operationName ?? undefined, variables: variables ?? {} };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
