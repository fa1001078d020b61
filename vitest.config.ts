import { createRequire } from 'node:module';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const graphql = createRequire(import.meta.url).resolve('graphql');

/** About the embedded engine itself, or the one on MongoDB; all other tests are run on both. */
const EMBEDDED_ONLY = ['**/*embedded*.test.ts', 'test/e2e/single-process/**'];
const MONGO_ONLY = ['**/*.mongo.test.ts', 'test/e2e/processes/**'];

/** What `npm test` runs on the embedded engine and `npm run test:mongo` on MongoDB. */
const tests = (exclude: string[], patience = 30_000): TestProjectInlineConfiguration[] => [
  {
    extends: true,
    test: {
      name: 'unit',
      include: [
        '{kit,schema,gateway,launcher,subgraphs/*,simulators/*}/test/**/*.test.ts',
        'test/{conformance,contract,mongo}/**/*.test.ts',
      ],
      exclude,
      testTimeout: patience,
      hookTimeout: patience,
    },
  },
  {
    extends: true,
    // A story starts whole servers and waits for what they do.
    test: {
      name: 'e2e',
      include: ['test/e2e/**/*.test.ts'],
      exclude,
      testTimeout: 300_000,
      hookTimeout: 300_000,
    },
  },
];

/** Tests that kill. One file at a time, so that nothing but the seed decides where a process is killed. */
const killing = (name: string, include: string): TestProjectInlineConfiguration[] => [
  { extends: true, test: { name, include: [include], fileParallelism: false, testTimeout: 3_600_000 } },
];

const MODES: Record<string, { projects: TestProjectInlineConfiguration[]; globalSetup?: string }> = {
  mongo: { projects: tests(EMBEDDED_ONLY, 180_000), globalSetup: 'test/src/mongo/setup.ts' },
  fault: { projects: killing('fault', 'test/fault/**/*.fault.ts') },
  failover: { projects: killing('failover', 'test/failover/**/*.failover.ts') },
};

/**
 * Without a mode the tests on the embedded engine (`npm test`), with `--mode mongo` those on MongoDB (`npm run test:mongo`); with `--mode fault` the kill -9
 * runs (`npm run test:fault`), with `--mode failover` those that kill the primary of a replica set (`npm run test:failover`).
 */
export default defineConfig(({ mode }) => {
  return {
    // The build Node itself would load. Else tests get graphql's ES modules and libraries its CommonJS: two realms.
    resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
    test: {
      ...(MODES[mode] ?? { projects: tests(MONGO_ONLY) }),
      pool: 'forks',
      // A file per core of a small machine; more would only make deadlines lie.
      maxWorkers: 2,
      // For what hangs only: a busy machine may take several times as long as a good one.
      testTimeout: 30_000,
      hookTimeout: 30_000,
      setupFiles: ['./scripts/own-databases.ts'],
      reporters: ['default', './scripts/closing-line.ts'],
    },
  };
});
