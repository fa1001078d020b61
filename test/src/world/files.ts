/** What goes in and out as files, asked as a script would. */
import type { World } from './world.js';

export interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whether the answer broke off before its end. */
  readonly cut: boolean;
}

export interface SendOptions {
  readonly key?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with what has come so far; true: leave. */
  readonly until?: (text: string) => boolean;
}

export async function send(world: World, path: string, options: SendOptions = {}): Promise<Sent> {
  const { key = world.adminKey, body, headers, until } = options;
  const leave = new AbortController();
  const response = await fetch(`${world.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, ...headers },
    signal: leave.signal,
    ...(body !== undefined && { body }),
  });
  const decoder = new TextDecoder();
  let text = '';
  let cut = false;
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (until?.(text)) leave.abort();
    }
  } catch {
    cut = true;
  }
  return { status: response.status, headers: response.headers, text, cut };
}

export function importCsv(world: World, search: string, key: string, body: string, as?: string): Promise<Sent> {
  const headers = { 'content-type': 'text/csv', 'idempotency-key': key };
  return send(world, `/import/numbers${search}`, { body, headers, ...(as !== undefined && { key: as }) });
}

/** What an import tells of its refused lines, and its summary; progress left out. */
export function reportOf(text: string): { refused: unknown[]; summary: Record<string, unknown> | undefined } {
  const news = linesOf(text);
  return {
    refused: news.flatMap(({ refused }) => (refused === undefined ? [] : [refused])),
    summary: news.at(-1)?.['summary'] as Record<string, unknown> | undefined,
  };
}

/** JSON lines; one that was cut in the middle is left out. */
export function linesOf(text: string): Record<string, unknown>[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A file of numbers, `bad` of which are none, evenly spread. */
export function numbersFile(first: number, lines: number, bad: number): string {
  const every = Math.floor(lines / bad);
  const rows = Array.from({ length: lines }, (_, index) =>
    index % every === every - 1 ? `no number ${index},` : `'+${first + index},Line ${index}`,
  );
  return `number,description\r\n${rows.join('\r\n')}\r\n`;
}
