import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Ends a test run with one plain line a program can look for: `12 passed, 0 failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      // A file that does not load and a hook that throws are failures without a test.
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed') failed += 1;
      }
    }
    // Later than the summary of the reporters that come after this one.
    setImmediate(() => console.log(`${passed} passed, ${failed} failed`));
  }
}
