/** kill -9 at random moments of audits. */
import { randomInt } from 'node:crypto';
import { randomFrom } from '@numberyard/kit/testing/random';
import { expect, it } from 'vitest';
import { killAudits } from '../src/fault/audit-kill.js';

const POINTS = Number(process.env['FAULT_POINTS'] ?? 20);
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));

it(`corrections and findings of audits agree over ${POINTS} kills (FAULT_SEED=${SEED})`, async () => {
  const { states, corrections, handedOver } = await killAudits({ points: POINTS, random: randomFrom(SEED) });
  process.stdout.write(`${JSON.stringify(states)}, ${corrections} corrections, ${handedOver} kills between both\n`);
  expect(Object.keys(states).filter((state) => !['SUCCEEDED', 'FAILED'].includes(state))).toEqual([]);
  expect(corrections).toBeGreaterThan(0);
});
