/** `npm run check`: everything that can be said about the sources without running them. All steps run; one that fails fails the check. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { root, workspaces } from './workspaces.mjs';

const sources = workspaces()
  .flatMap((folder) =>
    ['src', 'test', 'conformance', 'contract', 'e2e', 'fault', 'failover', 'mongo'].map((kind) => `${folder}/${kind}`),
  )
  .filter((folder) => existsSync(join(root, folder)));

const steps = [
  ['types of the sources', build],
  ['types of the tests', () => node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json')],
  ['lint', () => node('node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.')],
  ['dependency rules', () => node('node_modules/dependency-cruiser/bin/dependency-cruise.mjs', ...sources)],
  ['words', () => node('scripts/check-words.mjs')],
  ['composition', () => node('schema/dist/compose.js', '--check')],
  ['generated pages', () => node('scripts/pages.mjs', '--check')],
  ['links', () => node('scripts/check-links.mjs')],
  ['formatting', () => node('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.')],
];

const failed = [];
for (const [name, step] of steps) {
  const began = performance.now();
  let problem;
  try {
    step();
  } catch (error) {
    problem = error;
    failed.push(name);
    console.error(error.message);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${problem ? '✗' : '✓'} ${name} (${seconds} s)`);
}

if (failed.length > 0) {
  console.error(`check failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

function node(program, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, program), ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} found the above.`);
}
