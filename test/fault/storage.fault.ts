/** kill -9 of a process that writes to the embedded engine, many times over. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { killRounds } from '../src/fault/storage-rounds.js';

const POINTS = Number(process.env['FAULT_POINTS'] ?? 200);
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));

it(`the store keeps every acknowledged unit, whole, over ${POINTS} kills (FAULT_SEED=${SEED})`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-fault-'));
  try {
    expect(await killRounds(folder, POINTS, SEED)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
