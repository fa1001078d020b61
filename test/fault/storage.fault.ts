/** kill -9 of a process that writes to the embedded engine, many times over. */
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { killRounds } from '../src/fault/storage-rounds.js';

const POINTS = Number(process.env['FAULT_POINTS'] ?? 200);
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));

it(`the store keeps every acknowledged unit, whole, over ${POINTS} kills (FAULT_SEED=${SEED})`, async () => {
  expect(await killRounds(POINTS, SEED)).toEqual([]);
});
