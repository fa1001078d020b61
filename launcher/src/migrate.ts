/** `npm run migrate`: brings the databases in line with what this version declares, before services start. */
import { performance } from 'node:perf_hooks';
import { subgraphNames } from '@numberyard/schema/sdl';
import { runCommand, say } from './copies/command.js';
import { placeOf } from './copies/databases.js';
import { openStore } from './stores.js';

const HELP = `Usage: npm run migrate

Makes what is missing in the databases and changes what is declared differently: collections, keys (indexes) and counters. Documents stay as they are.
Every start does the same; doing it beforehand keeps services from waiting for it. It may be run again at any time.
On MongoDB services may run meanwhile; a data folder must not be in use.

Which databases: MONGODB_URI, else the folder NUMBERYARD_DATA (./data).

Exit code 0: all is as declared; 1: failed; 2: called wrongly.`;

await runCommand({
  help: HELP,
  options: [],
  async run(_options, settings) {
    say(`Aligning ${placeOf(settings)}.`);
    for (const name of subgraphNames) {
      const begun = performance.now();
      const store = await openStore(name, settings);
      await store.close();
      say(`${name}: as declared (${((performance.now() - begun) / 1_000).toFixed(1)} s)`);
    }
  },
});
