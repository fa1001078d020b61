/** `npm start`: Numberyard in one process, with a demo unless told otherwise. */
import { parseArgs } from 'node:util';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { readSettings, SettingsError, type Settings } from '@numberyard/kit/config/settings';
import { createLogger } from '@numberyard/kit/logging/logger';
import { banner, keyNotice } from './banner.js';
import { openDemo, type Demo } from './demo/demo.js';
import { KEY_NEEDED } from './encryption-key.js';
import { fail, guardProcess, stopOnSignal } from './process.js';
import { createSteward } from './steward.js';
import { startNumberyard, type Numberyard } from './numberyard.js';
import { settingsTable } from './settings.js';
import { reasonOf } from './start-failure.js';

const HELP = `Usage: npm start [-- --empty]

  --empty   start without the demo: no sample numbers, no simulated routing managers

Settings are environment variables, see docs/settings.md. Stop with Ctrl-C.`;

function parseOptions(): { empty: boolean } {
  try {
    const { values } = parseArgs({
      options: { empty: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    });
    if (values.help) {
      process.stdout.write(`${HELP}\n`);
      process.exit(0);
    }
    return values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, 2);
  }
}

function parseSettings(demo: boolean): Settings<typeof settingsTable> {
  // The demo's routing managers run on this machine, and its log lines would bury what it tells the reader.
  const defaults = demo
    ? { NUMBERYARD_ALLOW_LOOPBACK: 'true', NUMBERYARD_ALLOW_PLAIN_HTTP: 'true', LOG_LEVEL: 'warn' }
    : {};
  try {
    const settings = readSettings(settingsTable, { ...defaults, ...process.env }, 'NUMBERYARD_');
    if (settings.mongodbUri !== undefined && settings.encryptionKey === undefined)
      fail(`Numberyard cannot start: ${KEY_NEEDED}`, 2);
    return settings;
  } catch (error) {
    if (error instanceof SettingsError) return fail(`Numberyard cannot start:\n${error.message}`, 2);
    throw error;
  }
}

const { empty } = parseOptions();
const settings = parseSettings(!empty);
const logger = createLogger(settings.logLevel);

guardProcess(logger);

let numberyard: Numberyard;
let demo: Demo | undefined;
try {
  const steward = empty ? undefined : createSteward();
  numberyard = await startNumberyard({
    settings,
    clock: systemClock,
    logger,
    steward,
    async beforeWork(served) {
      process.stdout.write(`${keyNotice(served, settings)}\n`);
      if (steward) demo = await openDemo({ numberyard: served, key: steward.key });
    },
  });
  await demo?.complete();
  process.stdout.write(`${banner({ numberyard, demo })}\n`);
} catch (error) {
  logger.debug({ err: error }, 'start failed');
  fail(`Numberyard cannot start: ${reasonOf(error, settings)}`);
}

async function stop(): Promise<void> {
  await demo?.stop();
  await numberyard.drain();
}

stopOnSignal(stop, () => process.stdout.write('\nFinishing what is under way; Ctrl-C again stops at once.\n'));
