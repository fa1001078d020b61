/** `npm run device -- offline +49…`: does to a device of the demo what its user would do. */
import { parseArgs } from 'node:util';
import { Agent, fetch } from 'undici';
import { CUSTOMERS } from './demo/world.js';

const ACTIONS = {
  offline: 'the device goes offline; its record says so',
  drop: 'the device is gone without a trace',
  online: 'the device is back',
} as const;

const defaultControls = CUSTOMERS.map(
  ({ routingManager: { port, tls } }) => `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
);

const HELP = `Usage: npm run device -- <action> <number> [--control URL[,URL]]

${Object.entries(ACTIONS)
  .map(([name, title]) => `  ${name.padEnd(9)} ${title}`)
  .join('\n')}

  --control  addresses of the simulated routing managers; default: ${defaultControls.join(',')}`;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        control: { type: 'string', default: defaultControls.join(',') },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

const { values, positionals } = parse();
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const [action, number] = positionals;
if (!action || !(action in ACTIONS) || !number) fail(HELP);

// The simulators make their own certificates, and nothing secret is sent to them.
const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });

/** @returns whether this routing manager knows the device; undefined when it does not answer */
async function tell(control: string): Promise<boolean | undefined> {
  const response = await fetch(`${control}/control/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number }),
    dispatcher,
  }).catch(() => undefined);
  return response && response.ok;
}

const answers = await Promise.all(values.control.split(',').map(tell));
await dispatcher.close();
if (answers.includes(true)) {
  process.stdout.write(
    `${number}: ${ACTIONS[action as keyof typeof ACTIONS]}. The next sync will see it, within a minute.\n`,
  );
} else if (answers.includes(false)) {
  fail(`No simulated routing manager knows a device with the number ${number}.`);
} else {
  fail(`No simulated routing manager answers at ${values.control}. Is the demo running?`);
}
