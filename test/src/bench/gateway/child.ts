/** Processes of a bench that tell one thing over their channel. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly told: unknown;
  stop(): Promise<void>;
}

/**
 * Start a module beside this one and wait until it tells something.
 * @throws Error when it ends before
 */
export async function start(module: string, args: readonly string[] = []): Promise<Child> {
  const child: ChildProcess = fork(fileURLToPath(new URL(module, import.meta.url)), args, {
    // As it would be run: Apollo skips checks and hides traces then.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const told = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${module} ended with ${code} before it told anything.`)));
  });
  return {
    told,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
  };
}
