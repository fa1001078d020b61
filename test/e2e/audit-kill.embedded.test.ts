/** A few of the kills of `test/fault/audit.fault.ts`, in every run of the tests. */
import { randomInt } from 'node:crypto';
import { randomFrom } from '@numberyard/kit/testing/random';
import { expect, it } from 'vitest';
import { killAudits } from '../src/fault/audit-kill.js';

const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));

it(`an audit that is killed goes on, and what it corrected is what it found (FAULT_SEED=${SEED})`, async () => {
  const { corrections } = await killAudits({ points: 3, random: randomFrom(SEED), numbers: 1_000, longestLife: 300 });
  expect(corrections).toBeGreaterThan(0);
});
