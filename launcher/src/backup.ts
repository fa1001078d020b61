/** `npm run backup`: the databases of an installation into a folder, also while it runs. */
import { createRequire } from 'node:module';
import { toInstant } from '@numberyard/kit/clock/clock';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { writeBackup } from '@numberyard/kit/storage/copy/backup';
import { keyFingerprint } from '@numberyard/kit/storage/copy/key-fingerprint';
import { subgraphNames } from '@numberyard/schema/sdl';
import { runCommand, say } from './copies/command.js';
import { openImage, placeOf } from './copies/databases.js';
import { keyAtHand } from './copies/keys.js';
import { ProgressLines, summary } from './copies/progress.js';
import { fail } from './process.js';

const HELP = `Usage: npm run backup -- --to FOLDER

Writes the databases of this installation into FOLDER, which must not be there yet or be empty. It may run while Numberyard does:
each subgraph's database is read as it is at one moment. The four moments differ a little; "npm run restore" brings them together again.
FOLDER appears when all in it is written and durable: what is there is whole.

What is backed up is what the settings name, as for "npm start": MONGODB_URI, else the folder NUMBERYARD_DATA (./data).

On MongoDB one moment is one transaction, which the server ends after transactionLifetimeLimitSeconds, 60 by default. A database that takes
longer to read needs its services stopped meanwhile, which is checked, or a tool of MongoDB itself, for instance mongodump --oplog.

The encryption key is NOT in the backup. Keep NUMBERYARD_ENCRYPTION_KEY, or the file encryption.key of the data folder, at another safe place:
without it the stored passwords of routing managers cannot be opened again.

Exit code 0: written; 1: failed, and nothing is left behind; 2: called wrongly.`;

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

await runCommand({
  help: HELP,
  options: ['to'],
  async run({ to }, settings) {
    if (to === undefined) fail(`Say where to: --to FOLDER.\n\n${HELP}`, 2);
    const progress = new ProgressLines();
    say(`Backing up ${placeOf(settings)}.`);
    const key = await keyAtHand(settings, settings.encryptionKey);
    const manifest = await writeBackup({
      folder: to,
      stores: subgraphNames.map((name) => ({ name, open: (attempt) => openImage(name, settings, attempt) })),
      about: {
        version,
        engine: settings.mongodbUri === undefined ? 'embedded' : 'mongodb',
        takenAt: toInstant(systemClock.now()),
        encryptionKey: {
          included: false,
          fingerprint: key ? keyFingerprint(key) : null,
          note: 'The encryption key is kept apart from this backup. Stored passwords can be opened with the key of this fingerprint only.',
        },
      },
      progress: (name) => progress.of(name),
      done: ({ name, parts }) => say(summary(name, parts)),
    });
    const size = manifest.stores.reduce((sum, { bytes }) => sum + bytes, 0);
    say(`Written to ${to}: ${(size / 1_000_000).toFixed(1)} MB in ${progress.seconds} s.`);
    say(
      key
        ? `The encryption key (fingerprint ${keyFingerprint(key)}) is not part of it: keep a copy at another safe place.`
        : 'The encryption key is not part of it, and none was at hand: keep NUMBERYARD_ENCRYPTION_KEY at another safe place.',
    );
  },
});
