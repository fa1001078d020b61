/** What a start that cannot succeed says, and that a folder belongs to one process at a time. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSingleProcess, type SingleProcess } from '../../src/world/single-process.js';

const MAIN = fileURLToPath(import.meta.resolve('@numberyard/launcher/main'));

let world: SingleProcess;
let scratch: string;

beforeAll(async () => {
  world = await openSingleProcess();
  scratch = await mkdtemp(join(tmpdir(), 'numberyard-'));
});

afterAll(async () => {
  await world?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** A start that is expected to end by itself. @returns its exit code and what it said on standard error */
async function start(env: Record<string, string>, ...args: string[]): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [MAIN, '--empty', ...args], {
    env: { ...process.env, PORT: '0', NUMBERYARD_DATA: join(scratch, 'unused'), LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const code = new Promise<number>((resolve) => child.once('exit', (status) => resolve(status ?? -1)));
  const said = await text(child.stderr);
  return { code: await code, said };
}

it('a second process on the same data folder is refused', async () => {
  const { code, said } = await start({ NUMBERYARD_DATA: world.folder });
  expect(said).toContain('in use by another process');
  expect(code).toBe(1);
});

it('a port that is taken is named', async () => {
  const { port } = new URL(world.url);
  const { code, said } = await start({ PORT: port });
  expect(said).toBe(`Numberyard cannot start: port ${port} is in use. Set PORT to another one.\n`);
  expect(code).toBe(1);
});

it('a file in the place of the data folder is named', async () => {
  const file = join(scratch, 'file');
  writeFileSync(file, '');
  const { code, said } = await start({ NUMBERYARD_DATA: file });
  expect(said).toContain(`${file} cannot be a folder`);
  expect(code).toBe(1);
});

it('a database that is none is named', async () => {
  const folder = join(scratch, 'broken');
  await mkdir(folder);
  writeFileSync(join(folder, 'connections.sqlite'), 'x'.repeat(8192));
  const { code, said } = await start({ NUMBERYARD_DATA: folder });
  expect(said).toContain(`the database connections in ${folder} cannot be opened`);
  expect(code).toBe(1);
});

it('wrong settings and unknown options end with code 2, before anything is written', async () => {
  expect((await start({ PORT: 'http' })).code).toBe(2);
  const { code, said } = await start({}, '--emtpy');
  expect(said).toMatch(/--emtpy[^]*Usage/);
  expect(code).toBe(2);
});

it('keeps the encryption key it makes readable for its owner only', async () => {
  const { mode } = await stat(join(world.folder, 'encryption.key'));
  expect(mode & 0o777).toBe(0o600);
});
