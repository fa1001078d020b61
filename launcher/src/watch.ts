/** `npm run watch -- <what>`: prints live events and survives a restart of the server with its cursor. */
import { parseArgs } from 'node:util';
import { watch } from './watch/watch.js';
import { streams } from './watch/streams.js';

const HELP = `Usage: npm run watch -- <what> [--key KEY] [--url URL] [--within NODE] [--after CURSOR]

  what      ${Object.entries(streams)
    .map(([name, { title }]) => `${name.padEnd(13)} ${title}`)
    .join('\n            ')}

  --key     API key; default: NUMBERYARD_KEY
  --url     default: ws://127.0.0.1:4000/graphql
  --within  hierarchy node to watch; default: the key's
  --after   cursor to go on after, as printed at the end of a watch

It reconnects when the server goes away and goes on where it was. Ctrl-C ends it and prints the last cursor.`;

function fail(message: string): never {
  process.stderr.write(`${message}\n\n${HELP}\n`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        url: { type: 'string', default: 'ws://127.0.0.1:4000/graphql' },
        within: { type: 'string' },
        after: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const { values, positionals } = parse();
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const stream = streams[positionals[0] ?? ''];
if (!stream || positionals.length > 1) fail(`Say what to watch: ${Object.keys(streams).join(', ')}.`);
const key = values.key ?? process.env['NUMBERYARD_KEY'];
if (!key) fail('A key is needed: --key or NUMBERYARD_KEY. The first start of the server prints one.');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const ended = await watch({
  stream,
  key,
  url: values.url,
  within: values.within,
  after: values.after,
  signal: stop.signal,
  print: (line) => void process.stdout.write(`${line}\n`),
});
if (ended.cursor) process.stdout.write(`Last cursor: ${ended.cursor}\n`);
if (ended.problem) {
  process.stderr.write(`${ended.problem}\n`);
  process.exitCode = 1;
}
