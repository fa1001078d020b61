/** `npm run verify`: recounts what is counted and looks up what is indexed, in a data folder that no server uses. */
import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { closeStores, openStores } from './stores.js';

const HELP = `Usage: npm run verify [-- --data FOLDER]

Compares every counter and every key entry with the documents and prints what differs; nothing is changed.
The server must not be running on the folder. Exit code 0: all is right; 1: something differs.

  --data  default: NUMBERYARD_DATA, else ./data`;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({ options: { data: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } } })
      .values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

const { help, data } = parse();
if (help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const folder = data ?? process.env['NUMBERYARD_DATA'] ?? './data';
// Opening would make an empty installation of a folder that was only misspelt.
if (!(await stat(folder).catch(() => undefined))?.isDirectory()) fail(`There is no data folder ${folder}.`);
const stores = await openStores({ data: folder }).catch((error: unknown) =>
  fail(error instanceof Error ? error.message : String(error)),
);
let differences = 0;
for (const [name, store] of Object.entries(stores)) {
  const found = await store.verify();
  differences += found.length;
  process.stdout.write(`${name}: ${found.length === 0 ? 'all is right' : found.join('\n  ')}\n`);
}
await closeStores(stores);
process.exitCode = differences === 0 ? 0 : 1;
