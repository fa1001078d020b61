/** `npm run simulator -- --help` */
import { parseArgs } from 'node:util';
import { commandList } from './control-over-http.js';
import { startRoutingManager } from './routing-manager.js';

const HELP = `A simulated AudioCodes Routing Manager.

  --port <port>            port to listen at; 5001
  --host <address>         address to listen at; 127.0.0.1
  --users <count>          registered users at the start; 1000
  --first-number <number>  number of the first; +493012000000
  --nodes <count>          session border controllers; 2
  --tls                    HTTPS with a self-signed certificate
  --username <name>        operator; admin
  --password <password>    operator's password; audiocodes
  --session-seconds <s>    how long a session token is good for; 900
  --per-minute <changes>   devices come and go by themselves, so many changes a minute; none
  --seed <number>          seed of their coming and going; 1
  --help                   this
`;

/** @throws RangeError or TypeError with a sentence for the person who typed */
function parse(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '5001' },
      host: { type: 'string', default: '127.0.0.1' },
      users: { type: 'string', default: '1000' },
      'first-number': { type: 'string', default: '+493012000000' },
      nodes: { type: 'string', default: '2' },
      tls: { type: 'boolean', default: false },
      username: { type: 'string', default: 'admin' },
      password: { type: 'string', default: 'audiocodes' },
      'session-seconds': { type: 'string', default: '900' },
      'per-minute': { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    port: wholeNumber('--port', values.port, 0, 65_535),
    users: wholeNumber('--users', values.users, 0, 4_000_000),
    nodes: wholeNumber('--nodes', values.nodes, 1, 150),
    sessionSeconds: wholeNumber('--session-seconds', values['session-seconds'], 1, 86_400),
    perMinute: wholeNumber('--per-minute', values['per-minute'], 0, 60_000),
    seed: wholeNumber('--seed', values.seed, 0, 4_294_967_295),
  };
}

function wholeNumber(name: string, text: string, from: number, to: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= from && value <= to)) throw new RangeError(`${name} must be a whole number from ${from} to ${to}.`);
  return value;
}

async function main(args: string[]): Promise<void> {
  const given = parse(args);
  if (given.help) {
    process.stdout.write(HELP);
    return;
  }
  const manager = await startRoutingManager({
    port: given.port,
    host: given.host,
    username: given.username,
    password: given.password,
    sessionSeconds: given.sessionSeconds,
    nodes: Array.from({ length: given.nodes }, (_, index) => ({ id: `${index + 1}`, name: `SBC-${index + 1}` })),
    users: { count: given.users, firstNumber: given['first-number'] },
    ...(given.tls && { tls: 'self-signed' as const }),
    control: true,
  });
  if (given.perMinute > 0) manager.control.startComingAndGoing({ perMinute: given.perMinute, seed: given.seed });
  const insecure = given.tls ? '-k ' : '';
  process.stdout.write(
    [
      `Routing manager at ${manager.url}, ${given.users} registered users.`,
      `  user name ${given.username}, password ${given.password}`,
      ...(manager.fingerprint ? [`  certificate SHA-256 ${manager.fingerprint}`] : []),
      '',
      `  curl ${insecure}-u '${given.username}:${given.password}' '${manager.url}/ARM/v1/registeredUsers?limit=3'`,
      `  curl ${insecure}${manager.url}/control/offline -d '{"number":"${given['first-number']}"}'`,
      `  curl ${insecure}${manager.url}/control/online -d '{"number":"${given['first-number']}"}'`,
      '',
      'Commands:',
      ...Object.entries(commandList()).map(([name, sentence]) => `  ${name.padEnd(33)} ${sentence}`),
      '',
    ].join('\n'),
  );
  const stop = () => void manager.close();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
