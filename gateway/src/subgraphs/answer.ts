/** Reads a subgraph's HTTP answer as a GraphQL result. */
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { formatCursor } from '@numberyard/kit/log/cursor';
import type { HttpAnswer } from './subgraph-client.js';

const jsonTypes = new Set(['application/json', 'application/graphql-response+json']);

/** @throws Error that says what came instead, in words for the log */
export function readAnswer({ status, contentType, text }: HttpAnswer): FormattedExecutionResult {
  const answered = `It answered ${status}`;
  if (status >= 300 && status < 400) throw new Error(`${answered}, a redirect, which is not followed.`);
  if (!jsonTypes.has(contentType)) throw new Error(`${answered} with ${contentType || 'no content type'}, not JSON.`);
  const value = parseJson(text);
  if (!isRecord(value)) throw new Error(`${answered} with something that is no JSON object.`);
  const { data, errors, extensions } = value;
  const isData = data === undefined || data === null || isRecord(data);
  const isErrors = errors === undefined || (Array.isArray(errors) && errors.length > 0 && errors.every(isError));
  if (!isData || !isErrors || (data === undefined && errors === undefined)) {
    throw new Error(`${answered} with JSON that is no GraphQL result.`);
  }
  if (status >= 400 && errors === undefined) throw new Error(`${answered} without saying why.`);
  return {
    ...('data' in value ? { data } : {}),
    ...(errors === undefined ? {} : { errors: errors as GraphQLFormattedError[] }),
    ...(isRecord(extensions) ? { extensions } : {}),
  };
}

/**
 * The cursor of a log's newest event, out of `{ "state": { "epoch", "head" } }`.
 * @returns undefined when it is something else that was answered
 */
export function readHead({ status, text }: HttpAnswer): string | undefined {
  const value = status === 200 ? parseJson(text) : undefined;
  const state = isRecord(value) ? value['state'] : undefined;
  if (!isRecord(state)) return undefined;
  const { epoch, head } = state;
  return typeof epoch === 'string' && typeof head === 'number' ? formatCursor(epoch, head) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isError(value: unknown): boolean {
  if (!isRecord(value) || typeof value['message'] !== 'string') return false;
  const { path, extensions, locations } = value;
  return (
    (path == null || Array.isArray(path)) &&
    (extensions == null || isRecord(extensions)) &&
    (locations == null || (Array.isArray(locations) && locations.every(isRecord)))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
