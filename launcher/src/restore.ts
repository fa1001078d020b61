/** `npm run restore`: a backup into an empty installation. */
import { randomBytes } from 'node:crypto';
import { toInstant } from '@numberyard/kit/clock/clock';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { copyInstallation, type CopyPair, statesOf } from '@numberyard/kit/storage/copy/copy-installation';
import { keyFingerprint } from '@numberyard/kit/storage/copy/key-fingerprint';
import { backupId, checkArchives, type Manifest, readManifest } from '@numberyard/kit/storage/copy/manifest';
import { closeAll, openAll } from '@numberyard/kit/storage/copy/open-all';
import { subgraphNames, type SubgraphName } from '@numberyard/schema/sdl';
import { runCommand, say } from './copies/command.js';
import { openTarget, placeOf } from './copies/databases.js';
import { keyAtHand, trySecrets } from './copies/keys.js';
import { ProgressLines, summary } from './copies/progress.js';
import type { CopySettings } from './copies/settings.js';
import { fail } from './process.js';

const HELP = `Usage: npm run restore -- --from FOLDER [--dry-run]

Puts a backup that "npm run backup" wrote into an empty installation; it need not be on the engine that it was taken from.
Where to is what the settings name, as for "npm start": MONGODB_URI, else the folder NUMBERYARD_DATA (./data). No service may run on it.

Every file is checked before anything is written, and what was written is compared with the backup in the end. Until then nothing starts on it.
When a restore was stopped or killed, run it again: it goes on. A target that holds anything else is refused; nothing is ever overwritten.

The restored databases get new epochs: the subgraphs rebuild what they follow from each other's listings, and clients that
kept a cursor are told to start over. Leases are not restored.

The encryption key is not in a backup: put it into NUMBERYARD_ENCRYPTION_KEY, or as encryption.key into the data folder, before you start.

  --dry-run  check the backup and the target only

Exit code 0: restored; 1: failed or refused; 2: called wrongly.`;

await runCommand({
  help: HELP,
  options: ['from', 'dry-run'],
  async run({ from, dryRun }, settings) {
    if (from === undefined) fail(`Say where from: --from FOLDER.\n\n${HELP}`, 2);
    const progress = new ProgressLines();
    const manifest = await readManifest(from);
    say(`Backup of ${manifest.takenAt}, taken from ${manifest.engine} by version ${manifest.version}.`);
    const names = manifest.stores.map(({ name }) => known(name));
    const sources = await checkArchives(from, manifest);
    say(`${sources.length} files are as they were written. Restoring into ${placeOf(settings)}.`);
    const targets = await openAll(names.map((name) => () => openTarget(name, settings)));
    try {
      const pairs: CopyPair[] = sources.flatMap((source, index) => {
        const target = targets[index];
        return target ? [{ ...source, target }] : [];
      });
      const id = backupId(manifest);
      if (dryRun) {
        await statesOf({ pairs, kind: 'restore', id });
        say('Nothing is in the way. Nothing was changed.');
      } else {
        await copyInstallation({
          pairs,
          kind: 'restore',
          id,
          begin: () => ({
            kind: 'restore',
            id,
            since: toInstant(systemClock.now()),
            epoch: randomBytes(9).toString('base64url'),
          }),
          progress: (store) => progress.of(store),
          done: (store, tallies) => say(`${summary(store, tallies)}: restored and compared`),
        });
        say(`Restored in ${progress.seconds} s.`);
      }
      const connections = pairs.find(({ source }) => source.name === 'connections');
      if (connections) await tellOfKey(connections, manifest, settings);
    } finally {
      await closeAll(targets);
    }
  },
});

function known(name: string): SubgraphName {
  return (
    subgraphNames.find((one) => one === name) ?? fail(`The backup holds ${name}, which this version does not know.`)
  );
}

/** Restoring goes without the key: whoever has lost it still wants everything else back. */
async function tellOfKey({ source }: CopyPair, manifest: Manifest, settings: CopySettings): Promise<void> {
  const key = await keyAtHand(settings, settings.encryptionKey);
  const { stored, opened } = await trySecrets(source, key);
  if (stored === 0 || opened === stored) return;
  const { fingerprint } = manifest.encryptionKey;
  const wanted = fingerprint === null ? '' : ` of fingerprint ${fingerprint}`;
  const found = key ? `the one at hand (fingerprint ${keyFingerprint(key)}) opens ${opened}` : 'there is none at hand';
  const where = settings.mongodbUri === undefined ? ` or in ${settings.data}/encryption.key` : '';
  say(
    `ATTENTION: ${stored} stored passwords need the encryption key${wanted}; ${found}. ` +
      `Put that key into NUMBERYARD_ENCRYPTION_KEY${where} before you start, or the passwords have to be entered again.`,
  );
}
