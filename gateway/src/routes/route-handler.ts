/**
 * Requests beside the graph: those whose path begins with a configured prefix are passed on to a subgraph with the caller's identity. The same keys count as
 * for the graph, and what passes is neither read nor kept.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '@numberyard/kit/identity/identity';
import { Refused } from '@numberyard/kit/service/message';
import { routeHeaders } from '@numberyard/kit/service/routes';
import { bodyOf, cutWhenIdle, discardRest, sendStream, whileAnswered } from '@numberyard/kit/service/streamed';
import type { ErrorMask } from '../errors.js';
import { unauthenticated } from '../errors.js';
import { always, sendError, type Headers } from '../http/reply.js';
import type { KeyVerifier } from '../identity/key-verifier.js';
import type { KeyWatch } from '../identity/key-watch.js';
import type { Logger } from '../logger.js';
import type { GatewayLimits } from '../options.js';
import type { RoutePrefix, RouteSource } from './route-source.js';

export interface RouteHandlerOptions {
  readonly prefixes: readonly RoutePrefix[];
  /** By the names of the subgraphs. */
  readonly sources: ReadonlyMap<string, RouteSource>;
  readonly keys: KeyVerifier;
  readonly watch: KeyWatch;
  readonly mask: ErrorMask;
  readonly logger: Logger;
  readonly limits: GatewayLimits;
}

/** Headers of an answer that pass. */
const PASSED = ['content-type', 'content-disposition'];

/** A request that belongs to a subgraph. */
export type RouteHandler = (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>;

export class RouteHandlers {
  readonly #options: RouteHandlerOptions;
  /** The longest first: of those that fit it counts. */
  readonly #prefixes: readonly RoutePrefix[];
  /** Streams under way, by the id of the key that asked for them. */
  readonly #underWay = new Map<string, number>();
  #together = 0;

  constructor(options: RouteHandlerOptions) {
    this.#options = options;
    this.#prefixes = [...options.prefixes].sort((one, other) => other.prefix.length - one.prefix.length);
  }

  /** Who answers at a path; undefined when it is nobody's. */
  at(path: string): RouteHandler | undefined {
    const found = this.#prefixes.find(({ prefix }) => path.startsWith(prefix));
    const source = found && this.#options.sources.get(found.subgraph);
    return source && ((request, response, requestId) => this.#handle(source, request, response, requestId));
  }

  async #handle(
    source: RouteSource,
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> {
    let settle = (): void => undefined;
    try {
      const { method, url: target = '/' } = request;
      if (method !== 'GET' && method !== 'POST')
        throw new Refused(405, 'METHOD_NOT_ALLOWED', 'This is asked by GET or POST.');
      const identity = await this.#identify(request, method);
      settle = this.#begin(identity, request, response);
      const mark = target.indexOf('?');
      const answer = await source.ask({
        method,
        target,
        path: mark < 0 ? target : target.slice(0, mark),
        search: new URLSearchParams(mark < 0 ? '' : target.slice(mark)),
        headers: routeHeaders(request.headers),
        identity,
        requestId,
        body: this.#bounded(request),
        signal: whileAnswered(response),
      });
      await sendStream(response, { headers: passing(answer.headers), body: answer.body }, always);
    } catch (error) {
      this.#refuse(response, requestId, error);
    } finally {
      discardRest(request, response);
      settle();
    }
  }

  /** Whatever changes something is asked with a key that is verified anew. */
  async #identify({ headers }: IncomingMessage, method: 'GET' | 'POST'): Promise<Identity> {
    const { keys } = this.#options;
    const identity = await (method === 'GET'
      ? keys.identify(headers.authorization)
      : keys.verify(headers.authorization));
    if (!identity) throw unauthenticated();
    return identity;
  }

  /** @returns what to do at the end */
  #begin(identity: Identity, request: IncomingMessage, response: ServerResponse): () => void {
    const { limits, watch } = this.#options;
    const mine = this.#underWay.get(identity.id) ?? 0;
    if (mine >= limits.routeStreamsPerCaller || this.#together >= limits.routeStreams)
      throw new Refused(429, 'TOO_MANY_STREAMS', 'Too many exports or uploads are under way; try again later.');
    if (Number(request.headers['content-length'] ?? 0) > limits.routeBodySize) throw this.#tooLarge();
    this.#underWay.set(identity.id, mine + 1);
    this.#together += 1;
    cutWhenIdle(response, limits.routeIdle);
    const cut = () => void response.destroy();
    const unwatch = watch.add(request.headers.authorization ?? '', identity, { keyEnded: cut, keyUnverifiable: cut });
    return () => {
      unwatch();
      this.#together -= 1;
      const left = (this.#underWay.get(identity.id) ?? 1) - 1;
      if (left > 0) this.#underWay.set(identity.id, left);
      else this.#underWay.delete(identity.id);
    };
  }

  async *#bounded(request: IncomingMessage): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of bodyOf(request)) {
      size += chunk.length;
      if (size > this.#options.limits.routeBodySize) throw this.#tooLarge();
      yield chunk;
    }
  }

  #tooLarge(): Refused {
    const { routeBodySize } = this.#options.limits;
    return new Refused(413, 'PAYLOAD_TOO_LARGE', `The body is larger than ${routeBodySize} bytes.`);
  }

  #refuse(response: ServerResponse, requestId: string, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      // Cut where it is, so that it cannot be taken for a whole one.
      response.destroy();
      this.#options.logger.info({ err: error, requestId }, 'an answer was cut');
      return;
    }
    if (error instanceof Refused)
      return sendError(response, error.status, error.code, error.message, {}, error.details);
    const { message, extensions } = this.#options.mask.mask(error, requestId, 'routes');
    const { status = 500 } = (extensions['http'] ?? {}) as { status?: number };
    const challenge: Headers = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
    sendError(response, status, String(extensions['code']), message, challenge);
  }
}

function passing(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => PASSED.includes(name)));
}
