/** Asks another service whose key it is. */

import { HeaderMap } from '@apollo/server';
import type { GraphQLError } from 'graphql';
import type { Identity } from '@numberyard/kit/identity/identity';
import { IDENTITY_HEADER, isIdentity, signCaller } from '@numberyard/kit/service/signature';
import { gatewayError } from '../errors.js';
import type { Logger } from '../logger.js';
import { SubgraphClient } from '../subgraphs/subgraph-client.js';

export interface KeyEndpointOptions {
  readonly url: string;
  readonly signingSecret: string | undefined;
  readonly logger: Logger;
}

/** Milliseconds. A caller waits for it before anything else is done; but a database that elects a new primary must not turn callers away. */
const timeout = 20_000;
const connections = 16;
/** Bytes. */
const responseSize = 100_000;

/** Everybody, where no keys are asked for. */
export const anonymous: Identity = { id: 'anonymous', label: '', role: 'ANONYMOUS', rights: [], node: '', path: '' };

export class KeyEndpoint {
  readonly #client: SubgraphClient;
  readonly #path: string;
  readonly #secret: string | undefined;
  readonly #logger: Logger;

  constructor({ url, signingSecret, logger }: KeyEndpointOptions) {
    this.#logger = logger;
    const address = new URL(url);
    this.#path = address.pathname + address.search;
    this.#secret = signingSecret;
    this.#client = new SubgraphClient({ url: address, connections, timeout, responseSize });
  }

  /**
   * @param authorization the value of the header, as the caller sent it
   * @returns undefined for one without a valid key
   * @throws GraphQLError KEYS_UNAVAILABLE when the endpoint does not answer; Error when it answers with something else
   */
  async authenticate(authorization: string | undefined): Promise<Identity | undefined> {
    return authorization === undefined ? undefined : this.#ask(authorization);
  }

  /** @throws Error when keys cannot be verified at the moment */
  async health(): Promise<void> {
    await this.#ask('');
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #ask(authorization: string): Promise<Identity | undefined> {
    const body = JSON.stringify({ authorization });
    const headers = { 'content-type': 'application/json', accept: 'application/json', ...this.#signature(body) };
    const path = this.#path;
    const { status, text } = await this.#client
      .ask({ method: 'POST', path, headers, body, repeatable: true })
      .catch((error: unknown) => {
        throw this.#unavailable(error);
      });
    if (status >= 500) throw this.#unavailable(new Error(`It answered ${status}.`));
    if (status !== 200) throw new Error(`The key endpoint answered ${status}.`);
    const value = parseJson(text);
    if (value === null) return undefined;
    // Its words stay out of the message: an answer that is no identity may be anything.
    if (!isIdentity(value)) throw new Error('The key endpoint answered with something that is no identity.');
    return value;
  }

  #unavailable(error: unknown): GraphQLError {
    this.#logger.warn({ err: error }, 'keys cannot be verified');
    const message = 'Keys cannot be verified at the moment; try again.';
    return gatewayError('KEYS_UNAVAILABLE', message, { http: { status: 503, headers: new HeaderMap() } });
  }

  #signature(body: string): Record<string, string> {
    if (this.#secret === undefined) return {};
    const caller = { service: 'gateway' };
    const signed = { method: 'POST', path: this.#path, body, caller, now: Date.now() };
    return { [IDENTITY_HEADER]: signCaller(this.#secret, signed) };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
