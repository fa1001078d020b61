/** A route that imports: CSV or JSON lines in, what becomes of them out, line by line while they come. */
import { badInput } from '../graph/errors.js';
import { Refused } from '../service/message.js';
import { routeRefusalOf, type RouteAnswer, type RouteRequest } from '../service/routes.js';
import { readImportLines, type Columns, type FieldsOf, type FieldType, type ImportForm } from './import-lines.js';
import { runImport, type ImportDeps, type ImportNews, type ImportOptions, type ImportRules } from './import-run.js';
import { NewsQueue } from './news-queue.js';

const FORMS: Readonly<Record<string, ImportForm>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'jsonl',
  'application/jsonl': 'jsonl',
};
const PARAMETERS = ['node', 'existing', 'dryRun'];
const LONGEST_KEY = 200;

/**
 * Answer an import. Its parameters: `node`, where lines that name none belong; `existing`, keep or update; `dryRun=1`. Its header: `Idempotency-Key`.
 * @throws GraphQLError BAD_USER_INPUT, Refused
 */
export async function answerImport<Types extends Readonly<Record<string, FieldType>>, Draft>(
  deps: ImportDeps,
  request: RouteRequest,
  columns: Columns<Types>,
  rulesFor: (options: ImportOptions) => ImportRules<FieldsOf<Types>, Draft>,
): Promise<RouteAnswer> {
  const { identity, body, signal } = request;
  const form = formOf(request.headers['content-type']);
  const options = readOptions(request, form);
  const news = new NewsQueue<ImportNews>((item, waiting) => 'progress' in item && 'progress' in waiting);
  const run = async () => {
    const lines = readImportLines(whileWanted(body, signal), form, columns);
    for await (const item of runImport(deps, identity.id, options, rulesFor(options), lines)) {
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

function formOf(contentType = ''): ImportForm {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const form = FORMS[type];
  const charset = parameters.find((each) => each.startsWith('charset='))?.slice('charset='.length);
  if (!form || (charset !== undefined && !/^"?utf-?8"?$/.test(charset))) {
    const message = 'Send CSV (text/csv) or JSON lines (application/x-ndjson) in UTF-8.';
    throw new Refused(415, 'UNSUPPORTED_MEDIA_TYPE', message);
  }
  return form;
}

function readOptions({ search, headers }: RouteRequest, form: ImportForm): ImportOptions {
  for (const name of search.keys()) {
    if (!PARAMETERS.includes(name)) throw badInput(name, 'is no parameter of an import.');
    if (search.getAll(name).length > 1) throw badInput(name, 'may be given once.');
  }
  const existing = search.get('existing') ?? 'keep';
  if (existing !== 'keep' && existing !== 'update') throw badInput('existing', 'must be keep or update.');
  const dryRun = search.get('dryRun');
  if (dryRun !== null && dryRun !== '1') throw badInput('dryRun', 'must be 1, or left out.');
  const key = headers['idempotency-key']?.trim() ?? '';
  if (!dryRun && (key === '' || key.length > LONGEST_KEY)) {
    const message = `this header of 1 to ${LONGEST_KEY} characters is needed unless nothing is written.`;
    throw badInput('Idempotency-Key', message);
  }
  return { key: dryRun ? undefined : key, node: search.get('node') ?? undefined, existing, form };
}
