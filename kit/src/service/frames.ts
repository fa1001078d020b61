/**
 * A body that is signed as it goes: nobody knows the hash of a stream before its end, and nobody should act on what may turn out to be forged. So it goes
 * in frames, each with a code over its content and the code before it, the first one over the signature of the head. A frame that was altered, left out,
 * repeated or taken from another request does not fit, and the last one, which is empty, tells a whole body from a cut one.
 *
 * A frame: length of the content (4 bytes, big-endian), HMAC-SHA-256 (32 bytes), content.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Refused } from './message.js';

const LENGTH_SIZE = 4;
const MAC_SIZE = 32;
const HEAD_SIZE = LENGTH_SIZE + MAC_SIZE;
/** Largest content; what is larger goes in several. */
const LARGEST = 65_536;

/** @param head the signature of the request this body belongs to */
export async function* frames(body: AsyncIterable<Uint8Array>, secret: string, head: string): AsyncGenerator<Buffer> {
  const chain = new Chain(secret, head);
  for await (const chunk of body) {
    for (let from = 0; from < chunk.length; from += LARGEST) yield chain.frame(chunk.subarray(from, from + LARGEST));
  }
  yield chain.frame(new Uint8Array());
}

/**
 * The content of frames, each once it is proven.
 * @throws Refused 401 when one is not what was signed, 400 when the end is missing
 */
export async function* unframed(
  raw: AsyncIterable<Uint8Array>,
  secret: string,
  head: string,
): AsyncGenerator<Uint8Array> {
  const chain = new Chain(secret, head);
  let held = Buffer.alloc(0);
  let ended = false;
  for await (const chunk of raw) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    while (held.length >= HEAD_SIZE) {
      const size = held.readUInt32BE(0);
      if (ended || size > LARGEST) throw forged();
      const end = HEAD_SIZE + size;
      if (held.length < end) break;
      const content = held.subarray(HEAD_SIZE, end);
      if (!timingSafeEqual(held.subarray(LENGTH_SIZE, HEAD_SIZE), chain.next(content))) throw forged();
      held = held.subarray(end);
      if (size === 0) ended = true;
      else yield content;
    }
    if (ended && held.length > 0) throw forged();
  }
  if (!ended) throw new Refused(400, 'BAD_REQUEST', 'The body was cut.');
}

class Chain {
  readonly #secret: string;
  #last: Buffer;

  constructor(secret: string, head: string) {
    this.#secret = secret;
    this.#last = createHmac('sha256', secret).update('stream\n').update(head).digest();
  }

  next(content: Uint8Array): Buffer {
    this.#last = createHmac('sha256', this.#secret).update('frame\n').update(this.#last).update(content).digest();
    return this.#last;
  }

  frame(content: Uint8Array): Buffer {
    const length = Buffer.alloc(LENGTH_SIZE);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, this.next(content), content]);
  }
}

function forged(): Refused {
  return new Refused(401, 'UNSIGNED', 'The body is not the one that was signed.');
}
