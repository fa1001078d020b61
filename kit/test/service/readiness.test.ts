import { createLogger } from '@numberyard/kit/logging/logger';
import { expect, it } from 'vitest';
import { Readiness } from '../../src/service/readiness.js';

it('looks once for probes at the same time, and afresh for the next', async () => {
  let looks = 0;
  const readiness = new Readiness(async () => {
    looks += 1;
    await Promise.resolve();
    throw new Error('no primary');
  }, createLogger('silent'));
  expect(await Promise.all([readiness.problem(), readiness.problem()])).toEqual(['no primary', 'no primary']);
  expect(looks).toBe(1);
  await readiness.problem();
  expect(looks).toBe(2);
});
