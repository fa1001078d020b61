/** `npm run verify`: recounts what is counted and looks up what is indexed. */
import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { subgraphNames } from '@numberyard/schema/sdl';
import { placeOf } from './copies/databases.js';
import { readCopySettings } from './copies/settings.js';
import { fail } from './process.js';
import { type Databases, openStore } from './stores.js';

const HELP = `Usage: npm run verify [-- --data FOLDER]

Compares every counter, and on the embedded engine every key entry, with the documents, sees that the event log has no gap, and prints
what differs; no document is changed. Exit code 0: all is right; 1: something differs; 2: it could not be verified.

Which databases: MONGODB_URI, else the folder NUMBERYARD_DATA (./data), which the server must not be running on. On MongoDB services may run.

  --data  this folder, whatever the settings say`;

function parse() {
  try {
    return parseArgs({ options: { data: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } } })
      .values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, 2);
  }
}

const { help, data } = parse();
if (help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const databases: Databases = data === undefined ? readCopySettings() : { data };
// Opening would make an empty installation of a folder that was only misspelt.
if (databases.mongodbUri === undefined && !(await stat(databases.data).catch(() => undefined))?.isDirectory()) {
  fail(`There is no data folder ${databases.data}.`, 2);
}
let differences = 0;
try {
  process.stdout.write(`Verifying ${placeOf(databases)}.\n`);
  for (const name of subgraphNames) {
    const store = await openStore(name, databases);
    try {
      const found = await store.verify();
      differences += found.length;
      process.stdout.write(`${name}: ${found.length === 0 ? 'all is right' : found.join('\n  ')}\n`);
    } finally {
      await store.close();
    }
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), 2);
}
process.exitCode = differences === 0 ? 0 : 1;
