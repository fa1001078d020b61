import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

function run(...args: string[]): { child: ChildProcess; output: () => string; ended: Promise<unknown[]> } {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output, ended: once(child, 'close') };
}

test('--help explains every option', async () => {
  const { output, ended } = run('--help');
  expect(await ended).toEqual([0, null]);
  for (const option of ['--port', '--users', '--tls', '--username', '--password']) expect(output()).toContain(option);
});

test('a wrong option ends it with a sentence', async () => {
  const { output, ended } = run('--port', '99999');
  expect(await ended).toEqual([1, null]);
  expect(output().trim()).toBe('--port must be a whole number from 0 to 65535.');
});

test('it prints where it is, serves there, and ends on SIGTERM', async () => {
  const { child, output, ended } = run('--port', '0', '--users', '5', '--username', 'u', '--password', 'p');
  await once(child.stdout ?? child, 'data');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0];
  const response = await fetch(`${url}/ARM/v1/registeredUsers`, { headers: { authorization: `Basic ${btoa('u:p')}` } });
  expect(await response.json()).toMatchObject({ total: 5 });
  expect((await fetch(`${url}/control/drop-all`, { method: 'POST' })).status).toBe(204);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
