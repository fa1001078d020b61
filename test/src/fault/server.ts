/** Numberyard as a process of its own that can be killed: the very program `npm start` runs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Server {
  readonly url: string;
  /** What it printed so far, for whoever has to find out why a test failed. */
  readonly printed: readonly string[];
  /** SIGKILL, as a power cut would. Resolves when the process is gone. */
  kill(): Promise<void>;
}

const MAIN = fileURLToPath(import.meta.resolve('@numberyard/launcher/main'));

/**
 * @param options of the program; none: with the demo
 * @throws Error with what the process printed when it ends before it serves
 */
export async function startServer(folder: string, adminKey: string, options = ['--empty']): Promise<Server> {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...options], {
    env: {
      ...process.env,
      PORT: '0',
      NUMBERYARD_DATA: folder,
      NUMBERYARD_ADMIN_KEY: adminKey,
      NUMBERYARD_ALLOW_LOOPBACK: 'true',
      NUMBERYARD_ALLOW_PLAIN_HTTP: 'true',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = once(child, 'exit');
  const printed: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        printed.push(line);
        const match = /explorer\s+(http:\S+)\/graphql/.exec(line);
        if (match?.[1]) resolve(match[1]);
      });
    }
    void gone.then(() => reject(new Error(`the server ended before it served:\n${printed.join('\n')}`)));
  });
  return {
    url,
    printed,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
