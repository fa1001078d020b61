/** The embedded engine and the death of its process: a sample of what `npm run test:fault` does at length. */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { expect, it } from 'vitest';
import { killRounds } from '../src/fault/storage-rounds.js';
import { tallies, units } from '../src/fault/storage-units.js';

const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));

it(`keeps every acknowledged unit, whole, over 15 kills (FAULT_SEED=${SEED})`, { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-kill-'));
  try {
    expect(await killRounds(folder, 15, SEED)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('refuses a second process while the first lives, naming the folder; its death is enough to let one in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-lock-'));
  const open = () => openEmbeddedStore({ folder, name: 'killed', collections: [units, tallies] });
  const program = fileURLToPath(import.meta.resolve('@numberyard/test/fault/storage-writer'));
  const writer = spawn(process.execPath, [program, folder, '0', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(writer, 'exit');
  try {
    await once(writer.stdout, 'data');
    await expect(open()).rejects.toMatchObject({ code: 'LOCKED', message: expect.stringContaining(folder) as string });
    writer.kill('SIGKILL');
    await exited;
    await (await open()).close();
  } finally {
    writer.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true });
  }
});
