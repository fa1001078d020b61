/** Builds the workspaces in the order of their dependencies when a source is newer than the last build. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, workspaces } from './workspaces.mjs';

/** Its time is when the last good build began. */
const stamp = join(root, '.turbo', 'built');

/** Whether `file`, the compiled program wanted, may be missing or stale. A look at times only: a few milliseconds. */
export function needsBuild(file) {
  if (!existsSync(join(root, file)) || !existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  return (
    workspaces().some(
      (workspace) =>
        !existsSync(join(root, workspace, 'dist')) ||
        changedSince(built, join(root, workspace, 'src')) ||
        changedSince(built, join(root, workspace, 'package.json')) ||
        changedSince(built, join(root, workspace, 'tsconfig.json')),
    ) || changedSince(built, join(root, 'tsconfig.base.json'))
  );
}

export function build() {
  console.error('Building…');
  const began = new Date();
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/turbo/bin/turbo'), 'run', 'build', '--output-logs=errors-only', '--concurrency=2'],
    {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    },
  );
  if (status !== 0) throw new Error(`${stdout}\nThe build failed; see above.`);
  mkdirSync(join(root, '.turbo'), { recursive: true });
  writeFileSync(stamp, '');
  utimesSync(stamp, began, began);
}

/** A folder's own time tells of files added and removed. */
function changedSince(time, path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return false;
  if (stats.mtimeMs > time) return true;
  return stats.isDirectory() && readdirSync(path).some((name) => changedSince(time, join(path, name)));
}
