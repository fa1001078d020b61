/** Installs the dependencies when what is installed is not what the lockfile asks for. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspaces.mjs';

/**
 * Compares the lockfile with npm's own record of what it installed, not their times: a checkout touches times without changing anything.
 * Optional packages may be absent; they are binaries for other platforms.
 */
export function needsInstall() {
  const installed = read('node_modules/.package-lock.json');
  if (!installed) return true;
  return Object.entries(read('package-lock.json')).some(
    ([path, wanted]) =>
      path !== '' && !wanted.optional && !wanted.extraneous && installed[path]?.version !== wanted.version,
  );
}

export function install() {
  console.error('Installing…');
  // npm needs a shell on Windows, where it is a command file.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm ci failed; see above.');
}

function read(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
