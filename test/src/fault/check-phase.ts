import { expect } from 'vitest';
import type { Phase } from './resumed-sync.js';

/** Every fault struck, each run that met one says so and removed nobody, and in the end the numbers are those of the sync without faults. */
export function checkPhase({ runs, unused, calm, stormy }: Phase): void {
  expect(unused).toBe(0);
  expect(runs.at(-1)?.state).toBe('SUCCEEDED');
  for (const { state, error, issues, progress } of runs.slice(0, -1)) {
    expect(state).toMatch(/^(FAILED|SUCCEEDED_WITH_ISSUES)$/);
    expect(error ?? issues.edges[0]).toBeTruthy();
    expect(progress.removed).toBe(0);
  }
  expect(stormy).toEqual(calm);
}
