/**
 * Every npm script goes through here: it sees to it that the dependencies are installed and the sources are built, says so only when
 * there is something to do, then becomes the program asked for, in this same process, so that signals and exit codes are the program's own.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { needsBuild, build } from './build.mjs';
import { needsInstall, install } from './install.mjs';
import { root } from './workspaces.mjs';

/**
 * A program, what stands before the arguments it is given, and settings for which nothing was chosen; `built: false` when it does without
 * the compiled sources.
 */
const programs = {
  start: { file: 'launcher/dist/main.js' },
  gateway: {
    file: 'gateway/dist/main.js',
    settings: {
      NUMBERYARD_SUPERGRAPH: join(root, 'schema/supergraph.graphql'),
      NUMBERYARD_ROUTES:
        '/export/numbers=number-inventory,/import/numbers=number-inventory,/export/audit-findings=audit,/import/number-services=audit',
    },
  },
  subgraph: { file: 'launcher/dist/subgraph.js' },
  watch: { file: 'launcher/dist/watch.js' },
  device: { file: 'launcher/dist/device.js' },
  verify: { file: 'launcher/dist/verify.js' },
  migrate: { file: 'launcher/dist/migrate.js' },
  transfer: { file: 'launcher/dist/transfer.js' },
  backup: { file: 'launcher/dist/backup.js' },
  restore: { file: 'launcher/dist/restore.js' },
  simulator: { file: 'simulators/arm/dist/main.js' },
  bench: { file: 'test/dist/bench/main.js' },
  compose: { file: 'schema/dist/compose.js' },
  pages: { file: 'scripts/pages.mjs' },
  test: { file: 'node_modules/vitest/vitest.mjs', args: ['run'] },
  'test:fault': { file: 'node_modules/vitest/vitest.mjs', args: ['run', '--mode', 'fault'] },
  'test:mongo': { file: 'node_modules/vitest/vitest.mjs', args: ['run', '--mode', 'mongo'] },
  'test:failover': { file: 'node_modules/vitest/vitest.mjs', args: ['run', '--mode', 'failover'] },
  check: { file: 'scripts/check.mjs', built: false },
  build: { built: false },
};

const [name, ...args] = process.argv.slice(2);

try {
  await run(name, args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function run(name, args) {
  const program = programs[name];
  if (!program) throw new Error(`Unknown script ${name}: one of ${Object.keys(programs).join(', ')}.`);
  refuseOldNode();
  if (needsInstall()) install();
  if (name === 'build' || (program.built !== false && needsBuild(program.file))) build();
  if (!program.file) return;
  endWithNpm();
  const file = join(root, program.file);
  process.argv = [process.argv[0], file, ...(program.args ?? []), ...args];
  for (const [setting, value] of Object.entries(program.settings ?? {})) process.env[setting] ||= value;
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(file).href);
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Numberyard needs Node 20.19 or newer; this is ${process.versions.node}.`);
}

/** npm starts a program through a shell, and a shell that is told to end does not tell the program: without this it would run on unseen. */
function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
