/** `npm run subgraph`: what it says and how it ends when it is called wrongly. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../dist/subgraph.js', import.meta.url));
const secret = '0123456789abcdef0123456789abcdef';

function run(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

it('--help tells what it does and which settings it needs', () => {
  const { status, stdout } = run(['--help']);
  expect(status).toBe(0);
  for (const word of ['connections, number-inventory, provisioning, audit', 'NUMBERYARD_SIGNING_SECRET', 'MONGODB_URI'])
    expect(stdout).toContain(word);
});

it.each([
  ['no name', [], {}, /^Name one subgraph: connections, number-inventory, provisioning, audit\.\n/],
  ['an unknown name', ['cooling'], {}, /^Name one subgraph: /],
  ['an unknown option', ['audit', '--fast'], {}, /^Unknown option '--fast'/],
  ['no secret', ['audit'], {}, /^audit cannot start: NUMBERYARD_SIGNING_SECRET is not set\. .*\n$/],
  [
    'a short secret',
    ['audit'],
    { NUMBERYARD_SIGNING_SECRET: 'opensesame' },
    /^audit cannot start: \nNUMBERYARD_SIGNING_SECRET must have at least 32 characters\.\n$/,
  ],
  [
    'MongoDB without the encryption key',
    ['connections'],
    { NUMBERYARD_SIGNING_SECRET: secret, MONGODB_URI: 'mongodb://127.0.0.1/' },
    /^connections cannot start: with MONGODB_URI the key .* Set NUMBERYARD_ENCRYPTION_KEY.*\n$/,
  ],
])('with %s it ends with code 2 and says why', (_, args, env, said) => {
  const { status, stdout, stderr } = run(args, env);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(said);
  expect(stderr).not.toContain('opensesame');
});

it('with a port that is not there for it, or a wrong MongoDB URI, it ends with code 1 and says why', () => {
  const env = { NUMBERYARD_SIGNING_SECRET: secret, PORT: '0', LOG_LEVEL: 'error' };
  const place = run(['audit'], { ...env, NUMBERYARD_HOST: '192.0.2.1' });
  expect([place.status, place.stderr]).toEqual([
    1,
    'audit cannot start: 192.0.2.1 is no address of this machine. Set NUMBERYARD_HOST to one, or to 0.0.0.0 for all.\n',
  ]);
  const uri = run(['audit'], { ...env, MONGODB_URI: 'mongodb://user:open/sesame@127.0.0.1/' });
  expect(uri.status).toBe(1);
  expect(uri.stderr).toMatch(/^audit cannot start: .*MongoDB URI/);
  expect(uri.stderr).not.toContain('sesame');
});
