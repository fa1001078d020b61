/** The simulator in a process of its own, so that what is measured is Numberyard's. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface SimulatorProcess {
  readonly address: string;
  readonly username: string;
  readonly password: string;
  stop(): void;
}

/** @param users registered from the start */
export async function startSimulator(users: number): Promise<SimulatorProcess> {
  const child = fork(fileURLToPath(new URL('./simulator-process.js', import.meta.url)), [String(users)]);
  const [message] = (await once(child, 'message')) as [Omit<SimulatorProcess, 'stop'>];
  return { ...message, stop: () => void child.kill() };
}
