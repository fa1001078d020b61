/** Whether the subgraphs behind their addresses are ready: asked of them, and believed for a second so that probes cost them nothing. */
import { performance } from 'node:perf_hooks';
import { IDENTITY_HEADER, signCaller } from '@numberyard/kit/service/signature';
import { readAnswer } from './answer.js';
import type { HttpSubgraph } from './http-source.js';
import { NoAnswer, SubgraphClient } from './subgraph-client.js';
import type { HttpQuestion } from './subgraph-client.js';

type States = Readonly<Record<string, string>>;

/** Milliseconds; less than whoever probes the gateway waits. */
const patience = 2_000;
/** Milliseconds an answer is believed. */
const age = 1_000;
/** Bytes. */
const responseSize = 100_000;
const readyPath = '/health/ready';
const probe = JSON.stringify({ query: '{__typename}' });

interface Probed {
  readonly subgraph: HttpSubgraph;
  readonly client: SubgraphClient;
}

export class Readiness {
  readonly #probed: readonly Probed[];
  readonly #others: Readonly<Record<string, () => Promise<void>>>;
  #known: { readonly states: Promise<States>; readonly until: number } | undefined;

  /** @param others what else has to be well, by name; a rejection's message says what is wrong */
  constructor(subgraphs: readonly HttpSubgraph[], others: Readonly<Record<string, () => Promise<void>>>) {
    this.#probed = subgraphs.map((subgraph) => {
      const options = { url: new URL(subgraph.url), connections: 2, timeout: patience, responseSize };
      return { subgraph, client: new SubgraphClient(options) };
    });
    this.#others = others;
  }

  /** By name: `ok`, or what is wrong. */
  states(): Promise<States> {
    const now = performance.now();
    if (this.#known && now < this.#known.until) return this.#known.states;
    const states = this.#ask();
    this.#known = { states, until: now + age };
    return states;
  }

  async close(): Promise<void> {
    await Promise.all(this.#probed.map(({ client }) => client.close()));
  }

  async #ask(): Promise<States> {
    const asked: Record<string, Promise<string>> = {};
    for (const one of this.#probed) asked[one.subgraph.name] = stateOf(one);
    for (const [name, health] of Object.entries(this.#others)) {
      asked[name] = withinPatience(health()).then(
        () => 'ok',
        (error: unknown) => reasonOf(error),
      );
    }
    const entries = Object.entries(asked).map(async ([name, state]) => [name, await state] as const);
    return Object.fromEntries(await Promise.all(entries));
  }
}

async function stateOf({ subgraph, client }: Probed): Promise<string> {
  try {
    const answer = await client.ask(signed(subgraph, { method: 'GET', path: readyPath }));
    if (answer.status === 200) return 'ok';
    // A service of ours would have said 200 or 503; this one has no such address, so it is asked what any GraphQL server answers.
    const { pathname, search } = new URL(subgraph.url);
    const asked = await client.ask(signed(subgraph, { method: 'POST', path: pathname + search, body: probe }));
    const { data, errors } = readAnswer(asked);
    // An answer is an answer: a server that refuses strangers refuses them because it works.
    return data != null || errors ? 'ok' : 'It does not answer the simplest query.';
  } catch (error) {
    return reasonOf(error);
  }
}

function signed(
  { signingSecret }: HttpSubgraph,
  question: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: string },
): HttpQuestion {
  const { method, path, body = '' } = question;
  const caller = { service: 'gateway' };
  return {
    ...question,
    headers: {
      accept: 'application/json',
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
      // Whoever signs is told why it is not ready.
      ...(signingSecret === undefined
        ? {}
        : { [IDENTITY_HEADER]: signCaller(signingSecret, { method, path, body, caller, now: Date.now() }) }),
    },
    repeatable: false,
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof NoAnswer)) return error instanceof Error ? error.message : String(error);
  if (error.reason === 'LATE') return `It did not answer in ${patience} ms.`;
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : 'It cannot be reached.';
}

async function withinPatience(health: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer('LATE')), patience);
  });
  try {
    await Promise.race([health, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
