/**
 * A process to be killed: follows the source's log and copies each event into its own. Prints a line when it is about to, with the last position of the
 * batch. Argument: connection string.
 */
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { createLogger } from '@numberyard/kit/logging/logger';
import { save } from '@numberyard/kit/storage/port';
import { Follower } from '@numberyard/kit/workers/follower';
import { Leases } from '@numberyard/kit/workers/leases';
import { COPIED, copied, openCopy, openSource, WRITTEN } from './race.js';

const [uri = ''] = process.argv.slice(2);
const [source, own] = await Promise.all([openSource(uri), openCopy(uri)]);
const logger = createLogger('warn', { write: (line: string) => void process.stderr.write(line) });
// Ends with whoever watches it, also when that one is killed.
process.stdin.on('end', () => process.exit(0)).resume();

new Follower({
  source: 'source',
  log: source.log,
  types: [WRITTEN],
  store: own,
  // Its predecessor was killed: a short term, so that its lease is soon taken over.
  leases: new Leases({ store: own, clock: systemClock, logger, termMs: 500 }),
  clock: systemClock,
  logger,
  async apply(events) {
    process.stdout.write(`${events.at(-1)?.position}\n`);
    const doc = (await own.get(copied, COPIED)) ?? { id: COPIED, version: 0, count: 0 };
    return {
      save: [save(copied, { ...doc, count: doc.count + events.length })],
      events: events.map(({ position, fields, ...event }) => ({ ...event, fields: { ...fields, position } })),
    };
  },
}).start();
