/**
 * A process to be killed: commits numbered units, several at a time, and prints the number of each once it is acknowledged.
 * Arguments: where the store is, first number, writers.
 */
import { openPlace } from './storage-place.js';
import { writeUnits } from './unit-writers.js';

const [place = '', first = '0', writers = '8'] = process.argv.slice(2);
await writeUnits(await openPlace(place), {
  first: Number(first),
  writers: Number(writers),
  acknowledged: (number) => process.stdout.write(`${number}\n`),
});
