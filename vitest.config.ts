import { createRequire } from 'node:module';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const graphql = createRequire(import.meta.url).resolve('graphql');

const tests: TestProjectInlineConfiguration[] = [
  {
    extends: true,
    test: {
      name: 'unit',
      include: [
        '{kit,schema,gateway,launcher,subgraphs/*,simulators/*}/test/**/*.test.ts',
        'test/{conformance,contract}/**/*.test.ts',
      ],
    },
  },
  {
    extends: true,
    // A story starts whole servers and waits for what they do.
    test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
  },
];

const faults: TestProjectInlineConfiguration[] = [
  {
    extends: true,
    // One file at a time, so that nothing but the seed decides where a process is killed.
    test: { name: 'fault', include: ['test/fault/**/*.fault.ts'], fileParallelism: false, testTimeout: 3_600_000 },
  },
];

/** Without a mode the tests (`npm test`), with `--mode fault` the kill -9 runs (`npm run test:fault`). */
export default defineConfig(({ mode }) => ({
  // The build Node itself would load. Else tests get graphql's ES modules and libraries its CommonJS: two realms.
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    projects: mode === 'fault' ? faults : tests,
    pool: 'forks',
    // A file per core of a small machine; more would only make deadlines lie.
    maxWorkers: 2,
    // For what hangs only: a busy machine may take several times as long as a good one.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['default', './scripts/closing-line.ts'],
  },
}));
