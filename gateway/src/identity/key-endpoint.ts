/** Asks another service whose key it is. */

import type { Identity } from '@numberyard/kit/identity/identity';
import { IDENTITY_HEADER, isIdentity, signCaller } from '@numberyard/kit/service/signature';
import { SubgraphClient } from '../subgraphs/subgraph-client.js';

export interface KeyEndpointOptions {
  readonly url: string;
  readonly signingSecret: string | undefined;
}

/** Milliseconds; a caller waits for it before anything else is done. */
const timeout = 5_000;
const connections = 16;
/** Bytes. */
const responseSize = 100_000;

/** Everybody, where no keys are asked for. */
export const anonymous: Identity = { id: 'anonymous', label: '', role: 'ANONYMOUS', rights: [], node: '', path: '' };

export class KeyEndpoint {
  readonly #client: SubgraphClient;
  readonly #path: string;
  readonly #secret: string | undefined;

  constructor({ url, signingSecret }: KeyEndpointOptions) {
    const address = new URL(url);
    this.#path = address.pathname + address.search;
    this.#secret = signingSecret;
    this.#client = new SubgraphClient({ url: address, connections, timeout, responseSize });
  }

  /**
   * @param authorization the value of the header, as the caller sent it
   * @returns undefined for one without a valid key
   * @throws Error when the endpoint does not say
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
    const { status, text } = await this.#client.ask({ method: 'POST', path, headers, body, repeatable: true });
    if (status !== 200) throw new Error(`The key endpoint answered ${status}.`);
    const value = parseJson(text);
    if (value === null) return undefined;
    // Its words stay out of the message: an answer that is no identity may be anything.
    if (!isIdentity(value)) throw new Error('The key endpoint answered with something that is no identity.');
    return value;
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
