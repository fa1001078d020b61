/** Reads a JSON request body within a bound. */
import type { IncomingMessage } from 'node:http';
import { parseJson, readBody, Refused } from '@numberyard/kit/service/message';

const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/**
 * @param limit bytes
 * @returns the parsed JSON value, whatever its shape
 * @throws Refused 400 no JSON, 413 too large, 415 of another type or encoding
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const encoding = request.headers['content-encoding'];
  if (!jsonType.test(request.headers['content-type'] ?? '') || (encoding !== undefined && encoding !== 'identity')) {
    throw new Refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send JSON in UTF-8 with the content type application/json.');
  }
  return parseJson(await readBody(request, limit));
}
