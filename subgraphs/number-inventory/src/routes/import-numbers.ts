/** `POST /import/numbers`: numbers as CSV or JSON lines; what becomes of them is answered line by line while they come. */
import { badInput } from '@numberyard/kit/graph/errors';
import { Refused } from '@numberyard/kit/service/message';
import { routeRefusalOf, type RouteAnswer, type RouteRequest } from '@numberyard/kit/service/routes';
import type { Deps } from '../commands/context.js';
import { importNumbers as importLines, type ImportNews, type ImportOptions } from '../commands/import-numbers.js';
import { idempotencyKeyProblem } from '../commands/once.js';
import { readImport } from './import-lines.js';
import { NewsQueue } from './news-queue.js';

const FORMS: Readonly<Record<string, 'csv' | 'jsonl'>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'jsonl',
  'application/jsonl': 'jsonl',
};
const PARAMETERS = ['node', 'existing', 'dryRun'];

/** @throws GraphQLError BAD_USER_INPUT, Refused */
export async function importNumbers(deps: Deps, request: RouteRequest): Promise<RouteAnswer> {
  const { identity, requestId, body, signal } = request;
  const form = formOf(request.headers['content-type']);
  const options = readOptions(request, form);
  const news = new NewsQueue<ImportNews>((item, waiting) => 'progress' in item && 'progress' in waiting);
  const run = async () => {
    for await (const item of importLines(
      deps,
      { identity, requestId },
      options,
      readImport(whileWanted(body, signal), form),
    )) {
      if (signal.aborted) return;
      news.push(item);
    }
  };
  run().then(
    () => news.end(),
    (error: unknown) => news.fail(error),
  );
  const first = await news.next();
  return {
    headers: { 'content-type': 'application/x-ndjson; charset=utf-8' },
    body: (async function* () {
      for (let item: object | undefined = first; item; item = await nextOf(news)) yield `${JSON.stringify(item)}\n`;
    })(),
  };
}

/** The rest of an upload is left when nobody waits for the answer any more. */
async function* whileWanted(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    signal.throwIfAborted();
    yield chunk;
  }
}

/** What ends an answer that has begun is its last line, when it means something to the caller. */
async function nextOf(news: NewsQueue<ImportNews>): Promise<object | undefined> {
  try {
    return await news.next();
  } catch (error) {
    const refusal = error instanceof Refused ? error : routeRefusalOf(error);
    if (!refusal) throw error;
    news.end();
    const { message, code, details } = refusal;
    return { errors: [{ message, extensions: { ...details, code } }] };
  }
}

function formOf(contentType = ''): 'csv' | 'jsonl' {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const form = FORMS[type];
  const charset = parameters.find((each) => each.startsWith('charset='))?.slice('charset='.length);
  if (!form || (charset !== undefined && !/^"?utf-?8"?$/.test(charset))) {
    const message = 'Send CSV (text/csv) or JSON lines (application/x-ndjson) in UTF-8.';
    throw new Refused(415, 'UNSUPPORTED_MEDIA_TYPE', message);
  }
  return form;
}

function readOptions({ search, headers }: RouteRequest, form: string): ImportOptions {
  for (const name of search.keys()) {
    if (!PARAMETERS.includes(name)) throw badInput(name, 'is no parameter of an import.');
    if (search.getAll(name).length > 1) throw badInput(name, 'may be given once.');
  }
  const existing = search.get('existing') ?? 'keep';
  if (existing !== 'keep' && existing !== 'update') throw badInput('existing', 'must be keep or update.');
  const dryRun = search.get('dryRun');
  if (dryRun !== null && dryRun !== '1') throw badInput('dryRun', 'must be 1, or left out.');
  const key = headers['idempotency-key'] ?? '';
  const [problem] = dryRun ? [] : idempotencyKeyProblem(key);
  if (problem) throw badInput('Idempotency-Key', `this header is needed unless nothing is written: ${problem.message}`);
  return { key: dryRun ? undefined : key, node: search.get('node') ?? undefined, existing, form };
}
