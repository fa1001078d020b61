/** Sends saved operations to an installation and writes down what it answers. */
import { readOperation } from '@numberyard/schema/operations';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import type { Answer, ApiClient } from '../world/client.js';
import { Normaliser } from './normalise.js';

export interface Told {
  readonly operation: string;
  readonly answer: unknown;
}

export interface Telling<Answered> {
  /** Asked again until this holds of its root field; only the last answer is written down. */
  readonly until?: (answered: Answered) => boolean;
  /** Lists in an order that is the installation's own (of made-up ids) are put in the order of what they say. */
  readonly unordered?: boolean;
}

export class Narrator {
  readonly told: Told[] = [];
  readonly #client: ApiClient;
  readonly #normaliser = new Normaliser();

  constructor(client: ApiClient) {
    this.#client = client;
  }

  name(text: string, name: string): void {
    this.#normaliser.name(text, name);
  }

  /** @returns the root field, as it came */
  async tell<Answered = unknown>(
    operation: string,
    variables: Readonly<Record<string, unknown>> = {},
    telling: Telling<Answered> = {},
  ): Promise<Answered> {
    const { until, unordered } = telling;
    const text = readOperation(operation);
    const ask = () => this.#client.send(text, variables);
    const answer = until
      ? await waitUntil(`${operation} to tell what comes of it`, async () => {
          const current = await ask();
          return until(rootOf<Answered>(current)) ? current : undefined;
        })
      : await ask();
    if (unordered) order(answer);
    this.#write(operation, answer);
    return rootOf<Answered>(answer);
  }

  /** Follow a stream from a cursor on until it has told something, and write down each thing it said, once. */
  async follow<Event extends { readonly cursor: string }>(
    operation: string,
    variables: Readonly<Record<string, unknown>>,
    last: (event: Event) => boolean,
  ): Promise<void> {
    const stream = this.#client.subscribe<Event>(readOperation(operation), variables);
    try {
      await waitUntil(`${operation} to tell the last`, () => {
        if (stream.problem) throw new Error(JSON.stringify(stream.problem));
        return stream.events.some(last);
      });
      const events = stream.events.slice(0, stream.events.findIndex(last) + 1);
      // How often a run says how far it is, is a matter of how fast it is.
      const said = new Map(events.map(({ cursor: _cursor, ...event }) => [JSON.stringify(event), event]));
      this.#write(operation, [...said.values()]);
    } finally {
      await stream.stop();
    }
  }

  #write(operation: string, answer: unknown): void {
    this.told.push({ operation, answer: this.#normaliser.normalise(answer) });
  }
}

function rootOf<Answered>({ data }: Answer): Answered {
  return Object.values(data ?? {})[0] as Answered;
}

/** Entities of a list by what they are called. */
function order(answer: unknown): void {
  if (Array.isArray(answer)) return answer.forEach(order);
  if (typeof answer !== 'object' || answer === null) return;
  for (const [field, value] of Object.entries(answer)) {
    order(value);
    if (field === 'edges') (value as Edge[]).sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1));
    // Which of them came last is a matter of that order too.
    if (field === 'pageInfo') Object.assign(value as object, { endCursor: null });
  }
}

interface Edge {
  readonly node: Readonly<Record<string, unknown>>;
}

function titleOf(edge: Edge): string {
  const { name, label, number, type } = edge.node;
  return [type, name, label, number].map(String).join(' ');
}
