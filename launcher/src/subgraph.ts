/** `npm run subgraph -- <name>`: one subgraph as a process of its own. */
import { parseArgs } from 'node:util';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { readSettings, SettingsError } from '@numberyard/kit/config/settings';
import { createLogger } from '@numberyard/kit/logging/logger';
import { LEAST_SECRET_LENGTH } from '@numberyard/kit/service/signature';
import { subgraphNames, type SubgraphName } from '@numberyard/schema/sdl';
import { KEY_NEEDED } from './encryption-key.js';
import { startLoneSubgraph, type LoneSubgraph, type LoneSubgraphOptions } from './lone-subgraph.js';
import { fail, guardProcess, stopOnSignal } from './process.js';
import { settingsTable } from './settings.js';
import { reasonOf } from './start-failure.js';
import { SUBGRAPHS } from './subgraphs.js';

const HELP = `Usage: npm run subgraph -- NAME

Runs one subgraph as a process of its own: ${subgraphNames.join(', ')}.
It serves /graphql and /internal to who signs with NUMBERYARD_SIGNING_SECRET, and /health/live and /health/ready to everybody.

Settings are environment variables, see docs/settings.md. Needed are
  NUMBERYARD_SIGNING_SECRET         at least ${LEAST_SECRET_LENGTH} characters, the same for all subgraphs and the gateway
and for more than one replica, or more than one machine
  MONGODB_URI                       a MongoDB replica set; without it the database is in the folder NUMBERYARD_DATA
  NUMBERYARD_ENCRYPTION_KEY         with MONGODB_URI, for connections
  NUMBERYARD_CONNECTIONS_URL, NUMBERYARD_NUMBER_INVENTORY_URL
                                    where the subgraphs find each other
Stop with Ctrl-C or SIGTERM: what is under way is finished.`;

function parseName(): SubgraphName {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h', default: false } },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, 2);
  }
  if (parsed.values.help) {
    process.stdout.write(`${HELP}\n`);
    process.exit(0);
  }
  const [given, ...rest] = parsed.positionals;
  const name = subgraphNames.find((known) => known === given);
  if (name === undefined || rest.length > 0)
    return fail(`Name one subgraph: ${subgraphNames.join(', ')}.\n\n${HELP}`, 2);
  return name;
}

function parseSettings(name: SubgraphName): LoneSubgraphOptions['settings'] {
  const refuse = (reason: string) => fail(`${name} cannot start: ${reason}`, 2);
  const env = { ...process.env, PORT: process.env['PORT'] || String(SUBGRAPHS[name].port) };
  let settings;
  try {
    settings = readSettings(settingsTable, env, 'NUMBERYARD_');
  } catch (error) {
    if (error instanceof SettingsError) return refuse(`\n${error.message}`);
    throw error;
  }
  const { signingSecret, mongodbUri, encryptionKey } = settings;
  if (signingSecret === undefined) {
    return refuse(
      'NUMBERYARD_SIGNING_SECRET is not set. Subgraphs and gateway know each other by it: ' +
        `give all of them the same, at least ${LEAST_SECRET_LENGTH} characters.`,
    );
  }
  if (name === 'connections' && mongodbUri !== undefined && encryptionKey === undefined) return refuse(KEY_NEEDED);
  return { ...settings, signingSecret };
}

const name = parseName();
const settings = parseSettings(name);
const logger = createLogger(settings.logLevel).child({ service: name });
guardProcess(logger);

function giveUp(error: unknown): never {
  logger.debug({ err: error }, 'start failed');
  return fail(`${name} cannot start: ${reasonOf(error, settings)}`);
}

let subgraph: LoneSubgraph | undefined;
let stopping = false;
stopOnSignal(
  async () => {
    stopping = true;
    await subgraph?.drain();
  },
  () => logger.info({}, `${name} finishes what is under way`),
);
try {
  subgraph = await startLoneSubgraph({
    name,
    settings,
    clock: systemClock,
    logger,
    onAdminKey: (key) =>
      process.stdout.write(
        `\nThe administrator key, shown this once and kept nowhere:\n  export NUMBERYARD_KEY=${key}\n\n`,
      ),
  });
  await subgraph.running;
} catch (error) {
  // Ended while it waited for something: no failure.
  if (!stopping) giveUp(error);
}
