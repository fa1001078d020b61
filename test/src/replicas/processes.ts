/** The processes of the race, started and ended by the test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process that prints what it has done, a line each. */
export interface Telling {
  readonly lines: readonly string[];
  /** Resolves with the next line. @throws Error when the process ends instead */
  next(): Promise<string>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Ask it to end by the end of its standard input. @throws Error with its complaint when it ends badly */
  end(): Promise<void>;
}

/** @param program name of a compiled file beside this one, without its ending */
export function startTelling(program: string, ...args: string[]): Telling {
  const file = fileURLToPath(import.meta.resolve(`@numberyard/test/replicas/${program}`));
  const child: ChildProcess = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaint: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => complaint.push(chunk.toString()));
  const lines: string[] = [];
  let waiting: ((line: string) => void)[] = [];
  const reading = createInterface({ input: child.stdout ?? process.stdin });
  reading.on('line', (line) => {
    lines.push(line);
    for (const told of waiting.splice(0)) told(line);
  });
  // What it printed before it died is read to the end of the pipe: it was done.
  const gone = Promise.all([once(child, 'exit'), once(reading, 'close')]).then(([[code]]) => code as number | null);
  const complain = (code: number | null) => new Error(`${program} ended with ${code}:\n${complaint.join('')}`);
  return {
    lines,
    next: () =>
      new Promise((resolve, reject) => {
        waiting.push(resolve);
        void gone.then((code) => reject(complain(code)));
      }),
    async kill() {
      waiting = [];
      child.kill('SIGKILL');
      await gone;
    },
    async end() {
      child.stdin?.end();
      const code = await gone;
      if (code !== 0) throw complain(code);
    },
  };
}
