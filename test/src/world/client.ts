/** GraphQL clients as users have them: over HTTP, and over graphql-ws for subscriptions. */
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
}

export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
}

/** A root field's payload; tests read what they asked for. */
export type Payload = Record<string, never> & { readonly userErrors?: readonly UserError[] };

export class ApiClient {
  readonly #url: () => string;
  readonly #key: string | undefined;

  /** @param url of the gateway; a function of it is asked for every request */
  constructor(url: string | (() => string), key: string | undefined) {
    this.#url = typeof url === 'string' ? () => url : url;
    this.#key = key;
  }

  /** The whole answer, errors included. */
  async send(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const response = await fetch(`${this.#url()}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  }

  /** The only root field. @throws Error on GraphQL errors; `userErrors` are the caller's to look at */
  async ask<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const { data, errors } = await this.send(query, variables);
    if (errors?.length) throw new Error(JSON.stringify(errors));
    return Object.values(data ?? {})[0] as T;
  }

  /** As `ask`, for mutations that are to succeed. @throws Error on `userErrors` as well */
  async change<T extends object>(query: string, input: Record<string, unknown>): Promise<T> {
    const payload = await this.ask<T & { userErrors: readonly UserError[] }>(query, { input });
    if (payload.userErrors.length > 0) throw new Error(JSON.stringify(payload.userErrors));
    return payload;
  }

  /** Subscribe and collect; ends by `stop()`. */
  subscribe<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Subscription<T> {
    const client = createClient({
      url: `${this.#url().replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` },
    });
    const events: T[] = [];
    const state: { ended: boolean; problem: unknown } = { ended: false, problem: undefined };
    client.subscribe<Record<string, T>>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (errors?.length) state.problem = errors;
          const event = Object.values(data ?? {})[0];
          if (event) events.push(event);
        },
        error: (error) => Object.assign(state, { ended: true, problem: legible(error) }),
        complete: () => Object.assign(state, { ended: true }),
      },
    );
    return {
      events,
      get ended() {
        return state.ended;
      },
      get problem() {
        return state.problem;
      },
      async stop() {
        await client.dispose();
      },
    };
  }
}

/** An event of a closed socket keeps what it tells where JSON does not look. */
function legible(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error && 'reason' in error)) return error;
  return { code: error.code, reason: error.reason };
}

export interface Subscription<T> {
  /** What came so far, in order. */
  readonly events: readonly T[];
  readonly ended: boolean;
  /** The error that ended it or came with an event. */
  readonly problem: unknown;
  stop(): Promise<void>;
}
