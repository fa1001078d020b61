/** GraphQL over HTTP: a thin adapter between node:http and Apollo Server, which does the protocol. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeaderMap } from '@apollo/server';
import type { ApolloServer } from '@apollo/server';
import { answerFirst } from '@numberyard/kit/workers/courtesy';
import type { ErrorMask } from '../errors.js';
import { unauthenticated } from '../errors.js';
import type { KeyVerifier } from '../identity/key-verifier.js';
import type { OperationContext } from '../operations/apollo.js';
import { readJson } from './body.js';
import { send, sendError } from './reply.js';

export interface GraphqlHandlerOptions {
  readonly server: ApolloServer<OperationContext>;
  readonly keys: KeyVerifier;
  readonly mask: ErrorMask;
  /** Bytes. */
  readonly bodySize: number;
}

/** @throws Refused when the body cannot be taken */
export function graphqlHandler(options: GraphqlHandlerOptions) {
  const { server, keys, mask } = options;

  async function contextOf(request: IncomingMessage, requestId: string): Promise<OperationContext> {
    const identity = await keys.identify(request.headers.authorization).catch((error: unknown) => {
      throw mask.mask(error, requestId, 'authentication');
    });
    if (!identity) throw unauthenticated();
    return { identity, requestId, verifyKey: () => keys.verify(request.headers.authorization) };
  }

  return async (
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    search: string,
  ): Promise<void> => {
    const { method } = request;
    if (method !== 'POST' && method !== 'GET') {
      return sendError(response, 405, 'METHOD_NOT_ALLOWED', 'GraphQL is asked by POST or GET.', { allow: 'GET, POST' });
    }
    const body = method === 'POST' ? await readJson(request, options.bodySize) : undefined;
    const httpGraphQLRequest = { method, headers: headerMapOf(request), search, body };
    const context = () => contextOf(request, requestId);
    const answer = await answerFirst(() => server.executeHTTPGraphQLRequest({ httpGraphQLRequest, context }));
    // Incremental delivery is off in this graph, so an answer always is complete.
    if (answer.body.kind !== 'complete') throw new Error('The server answered in chunks.');
    send(response, answer.status ?? 200, Object.fromEntries(answer.headers), answer.body.string);
  };
}

function headerMapOf(request: IncomingMessage): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}
