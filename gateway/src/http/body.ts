/** Reads a JSON request body within a bound. */
import type { IncomingMessage } from 'node:http';

/** A body that cannot be taken, with the status that says why. */
export class BodyError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'BodyError';
    this.status = status;
    this.code = code;
  }
}

const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/**
 * @param limit bytes
 * @returns the parsed JSON value, whatever its shape
 * @throws BodyError 400 no JSON, 413 too large, 415 of another type or encoding
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const encoding = request.headers['content-encoding'];
  if (!jsonType.test(request.headers['content-type'] ?? '') || (encoding !== undefined && encoding !== 'identity')) {
    throw new BodyError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send JSON in UTF-8 with the content type application/json.');
  }
  const text = await readText(request, limit);
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyError(400, 'BAD_REQUEST', 'The body is no JSON.');
  }
}

function readText(request: IncomingMessage, limit: number): Promise<string> {
  // Made only when needed: an error captures its stack, which every request would pay for.
  const tooLarge = () => new BodyError(413, 'PAYLOAD_TOO_LARGE', `The body is larger than ${limit} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners('data');
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new BodyError(400, 'BAD_REQUEST', 'The body was cut.'));
    });
  });
}
