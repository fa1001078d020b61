/** `npm run transfer`: an installation moves from the embedded engine to MongoDB. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { toInstant } from '@numberyard/kit/clock/clock';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { copyInstallation, type CopyPair, statesOf } from '@numberyard/kit/storage/copy/copy-installation';
import type { StoreImage } from '@numberyard/kit/storage/copy/image';
import { closeAll, openAll } from '@numberyard/kit/storage/copy/open-all';
import { lockStore } from '@numberyard/kit/storage/embedded/lock';
import { subgraphNames } from '@numberyard/schema/sdl';
import { stat } from 'node:fs/promises';
import { runCommand, say } from './copies/command.js';
import { openImage, openTarget, placeOf } from './copies/databases.js';
import { keyAtHand, trySecrets } from './copies/keys.js';
import { ProgressLines, summary } from './copies/progress.js';
import type { CopySettings } from './copies/settings.js';
import { KEY_FILE } from './encryption-key.js';
import { fail } from './process.js';

const HELP = `Usage: npm run transfer -- --from FOLDER [--to MONGODB_URI] [--dry-run]

Copies an installation of the embedded engine to a MongoDB replica set: documents with their versions, the event log with its epochs and
positions, followers' cursors, request records. Clients' cursors stay good. Leases are not copied; indexes and counters are made anew.

Numberyard must not run on FOLDER. Its databases are read only and stay as they are. When all is copied it is compared, row by row through checksums;
until then no service starts on the target. When a transfer was stopped or killed, run it again: it goes on. A target that holds anything else is refused.

Stored passwords stay sealed. The services need the same encryption key: the transfer refuses to begin without it, and tries it on the stored ones.
It takes NUMBERYARD_ENCRYPTION_KEY, else FOLDER/encryption.key.

  --from     data folder of the installation
  --to       default: MONGODB_URI, which keeps a password out of the list of processes
  --dry-run  check everything and count, but write nothing

Exit code 0: transferred; 1: failed or refused; 2: called wrongly.`;

await runCommand({
  help: HELP,
  options: ['from', 'to', 'dry-run'],
  async run({ from, to, dryRun }, settings) {
    const uri = to ?? settings.mongodbUri;
    if (from === undefined) fail(`Say where from: --from FOLDER.\n\n${HELP}`, 2);
    if (uri === undefined) fail(`Say where to: --to MONGODB_URI.\n\n${HELP}`, 2);
    // Before the locks are taken, which would leave their files in a folder that is somebody else's.
    for (const name of subgraphNames) {
      const file = join(from, `${name}.sqlite`);
      if (!(await stat(file).catch(() => undefined)))
        fail(`${from} is no data folder of Numberyard: there is no ${file}.`);
    }
    const source = { data: from };
    const target = { data: from, mongodbUri: uri };
    say(`Transferring ${placeOf(source)} to ${placeOf(target)}.`);
    const closers = await openAll(
      subgraphNames.map((name) => async () => {
        const unlock = lockStore(from, name);
        return { close: async () => unlock() };
      }),
    );
    try {
      const images = await openAll(subgraphNames.map((name) => () => openImage(name, source, 0)));
      closers.unshift(...images);
      const isFromFile = await checkKey(images, from, settings);
      const targets = await openAll(subgraphNames.map((name) => () => openTarget(name, target)));
      closers.unshift(...targets);
      const pairs: CopyPair[] = images.flatMap((image, index) => {
        const into = targets[index];
        return into ? [{ source: image, target: into }] : [];
      });
      await transfer(pairs, dryRun);
      if (!dryRun) tellWhatNext(from, isFromFile);
    } finally {
      await closeAll(closers);
    }
  },
});

async function transfer(pairs: readonly CopyPair[], dryRun: boolean): Promise<void> {
  const progress = new ProgressLines();
  const id = await idOf(pairs.map(({ source }) => source));
  if (dryRun) {
    await statesOf({ pairs, kind: 'transfer', id });
    say('Nothing is in the way. Nothing was changed.');
    return;
  }
  await copyInstallation({
    pairs,
    kind: 'transfer',
    id,
    begin: () => ({ kind: 'transfer', id, since: toInstant(systemClock.now()) }),
    progress: (store) => progress.of(store),
    done: (store, tallies) => say(`${summary(store, tallies)}: copied and compared`),
  });
  say(`Transferred in ${progress.seconds} s.`);
}

/** Epochs are minted when a database is made: the same ones are the same installation. */
async function idOf(images: readonly StoreImage[]): Promise<string> {
  const epochs = await Promise.all(images.map(async (image) => (await image.facts()).epoch));
  return createHash('sha256').update(epochs.join(' ')).digest('hex');
}

/** @returns whether the key is the one in the folder. Ends the process without a key that opens what is stored. */
async function checkKey(images: readonly StoreImage[], from: string, settings: CopySettings): Promise<boolean> {
  const connections = images.find(({ name }) => name === 'connections');
  const key = await keyAtHand({ data: from }, settings.encryptionKey);
  const { stored, opened } = connections ? await trySecrets(connections, key) : { stored: 0, opened: 0 };
  const file = join(from, KEY_FILE);
  if (stored > 0 && !key) {
    throw new Error(
      `${stored} connections have stored passwords, but there is no encryption key: neither NUMBERYARD_ENCRYPTION_KEY nor ${file}. ` +
        'Set NUMBERYARD_ENCRYPTION_KEY to the key the installation ran with. Nothing was changed.',
    );
  }
  if (stored > 0 && opened === 0) {
    const which = settings.encryptionKey ? 'in NUMBERYARD_ENCRYPTION_KEY' : `in ${file}`;
    throw new Error(`The encryption key ${which} opens none of the ${stored} stored passwords. Nothing was changed.`);
  }
  if (opened < stored) say(`ATTENTION: the encryption key opens only ${opened} of ${stored} stored passwords.`);
  else if (stored > 0) say(`The encryption key opens all ${stored} stored passwords.`);
  return key !== undefined && settings.encryptionKey === undefined;
}

function tellWhatNext(from: string, isFromFile: boolean): void {
  const key = isFromFile
    ? `NUMBERYARD_ENCRYPTION_KEY="$(cat ${join(from, KEY_FILE)})"`
    : 'the same NUMBERYARD_ENCRYPTION_KEY';
  say(
    `Start the services with MONGODB_URI and ${key}. Do not start Numberyard on ${from} again: the two would go different ways.`,
  );
}
