/** The engine on MongoDB and the death of a process that writes: what it had open on the server is in nobody's way for long. */
import { randomInt } from 'node:crypto';
import { takeTestDatabases } from '@numberyard/kit/testing/mongo';
import { expect, it } from 'vitest';
import { killRounds } from '../src/fault/storage-rounds.js';

const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));

it(`keeps every acknowledged unit, whole, over 6 kills (FAULT_SEED=${SEED})`, { timeout: 300_000 }, async () => {
  const { uri, release } = await takeTestDatabases('killed');
  try {
    expect(await killRounds(uri, 6, SEED)).toEqual([]);
  } finally {
    release();
  }
});
