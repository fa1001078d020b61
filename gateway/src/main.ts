/** `npm run gateway`: the gateway as a process of its own, before the subgraphs of any supergraph. */
import { parseArgs } from 'node:util';
import { SettingsError } from '@numberyard/kit/config/settings';
import { createLogger } from '@numberyard/kit/logging/logger';
import { readConfiguration } from './configuration.js';
import type { Configuration } from './configuration.js';
import { startGateway } from './gateway.js';
import type { RunningGateway } from './gateway.js';
import { anonymous, KeyEndpoint } from './identity/key-endpoint.js';
import { Readiness } from './subgraphs/readiness.js';

const HELP = `Usage: npm run gateway -- [--supergraph FILE] [--port N]

Runs the gateway as a process of its own: GraphQL over HTTP and WebSocket at /graphql, an explorer at /explorer, /health/live and /health/ready.

  --supergraph FILE   the composed supergraph (NUMBERYARD_SUPERGRAPH)
  --port N            where to listen, 4000 by default (PORT)

Subgraphs are called at the addresses in the supergraph, or where NUMBERYARD_<SUBGRAPH>_URL says (upper case, "-" becomes "_"). Other settings:
  NUMBERYARD_KEY_ENDPOINT     says whose key it is; without it every caller is anonymous
  NUMBERYARD_SIGNING_SECRET   tells the subgraphs who calls, signed; without it they are told nothing
  NUMBERYARD_ROUTES           beginnings of paths that are passed on to a subgraph, e.g. /files/=archive
  NUMBERYARD_HOST, NUMBERYARD_MODE, NUMBERYARD_CORS_ORIGINS, LOG_LEVEL
Stop with Ctrl-C or SIGTERM: what is under way is finished.`;

function fail(message: string, code = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

/** The environment, with what the command line says instead. */
function environment(): NodeJS.ProcessEnv {
  try {
    const { values } = parseArgs({
      options: {
        supergraph: { type: 'string' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${HELP}\n`);
      process.exit(0);
    }
    return {
      ...process.env,
      ...(values.supergraph === undefined ? {} : { NUMBERYARD_SUPERGRAPH: values.supergraph }),
      ...(values.port === undefined ? {} : { PORT: values.port }),
    };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, 2);
  }
}

function configure(): Configuration {
  try {
    return readConfiguration(environment());
  } catch (error) {
    if (error instanceof SettingsError) return fail(`The gateway cannot start:\n${error.message}`, 2);
    throw error;
  }
}

const { settings, supergraphSdl, subgraphs, unknown } = configure();
const { host, port, signingSecret, keyEndpoint } = settings;
const logger = createLogger(settings.logLevel).child({ service: 'gateway' });
for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(fault, (error) => {
    logger.fatal({ err: error }, 'the gateway ends: an error nobody expected');
    process.exit(1);
  });
}
for (const name of unknown) logger.warn({ name }, 'a variable looks like a setting and is none of the gateway');
if (keyEndpoint === undefined)
  logger.warn({}, 'NUMBERYARD_KEY_ENDPOINT is not set: no keys are asked for, every caller is anonymous');
if (signingSecret === undefined)
  logger.warn({}, 'NUMBERYARD_SIGNING_SECRET is not set: the subgraphs are not told who calls');

const keys = keyEndpoint === undefined ? undefined : new KeyEndpoint({ url: keyEndpoint, signingSecret, logger });
const readiness = new Readiness(subgraphs, keys ? { keys: () => keys.health() } : {});

let gateway: RunningGateway | undefined;
let stopping: Promise<void> | undefined;

async function stop(): Promise<void> {
  await gateway?.drain();
  await Promise.all([readiness.close(), keys?.close()]);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) return signal === 'SIGINT' ? fail('Stopped at once.', 130) : undefined;
    logger.info({ signal }, 'the gateway finishes what is under way');
    stopping = stop();
    stopping.then(
      () => process.exit(0),
      (error: unknown) => fail(`The gateway did not stop well: ${String(error)}`),
    );
  });
}

try {
  gateway = await startGateway({
    supergraphSdl,
    subgraphs,
    authenticate: async (authorization) => (keys ? keys.authenticate(authorization) : anonymous),
    readiness: () => readiness.states(),
    logger,
    port,
    host,
    routes: settings.routes ?? [],
    production: settings.mode === 'production',
    allowedOrigins: settings.corsOrigins,
  });
} catch (error) {
  logger.debug({ err: error }, 'start failed');
  fail(`The gateway cannot start: ${reasonOf(error)}`);
}

/** The system's errors name a call and a code; these say which setting is meant. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use. Set PORT, or --port, to another one.`;
    case 'ENOTFOUND':
    case 'EADDRNOTAVAIL':
      return `${host} is no address of this machine. Set NUMBERYARD_HOST to one, or to 0.0.0.0 for all.`;
    case 'EACCES':
      return `port ${port} is not allowed to this user. Set PORT, or --port, to one above 1023.`;
    default:
      return message ?? String(error);
  }
}
