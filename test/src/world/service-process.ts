/** A service as a process of its own: started, waited for, stopped in good order or killed, and started again at the same port. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServiceSetup {
  /** For messages, e.g. `connections 2`. */
  readonly name: string;
  /** Program and arguments, without the `node` before them. */
  readonly command: readonly string[];
  /** All it is given; nothing of this process's own environment but the PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where its `/health/ready` is. */
  readonly port: number;
  readonly workingFolder?: string;
  /** Gets every line it prints. */
  readonly print?: (line: string) => void;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds from the signal to the end. */
  readonly after: number;
}

/** A test that is ended by its deadline tells nobody: without this the services would run on unseen. */
const END_WITH_PARENT = `--import=data:text/javascript,${encodeURIComponent(
  'const parent=process.ppid;setInterval(()=>process.ppid===parent||process.kill(process.pid,"SIGKILL"),500).unref()',
)}`;
/** A busy machine starts ten of them at once. */
const READY_MS = 240_000;
const PROBED_EVERY = 100;
const KEPT_LINES = 40;

export class ServiceProcess {
  readonly name: string;
  readonly port: number;
  readonly #setup: ServiceSetup;
  #child: ChildProcess | undefined;
  #exit: Promise<unknown> = Promise.resolve();
  #lines: string[] = [];

  constructor(setup: ServiceSetup) {
    this.#setup = setup;
    this.name = setup.name;
    this.port = setup.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Start it; resolves when it says that it is ready. @throws Error with its last lines when it ends before */
  async start(): Promise<void> {
    if (this.running) throw new Error(`${this.name} is running`);
    this.launch();
    await this.ready();
  }

  /** Start it and do not wait. */
  launch(): void {
    const { command, environment, workingFolder, print } = this.#setup;
    const child = spawn(process.execPath, [...command], {
      env: { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: END_WITH_PARENT, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(workingFolder && { cwd: workingFolder }),
    });
    this.#lines = [];
    this.#child = child;
    this.#exit = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        print?.(line);
        this.#lines.push(line);
        if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      });
    }
  }

  async ready(): Promise<void> {
    const deadline = performance.now() + READY_MS;
    while (!(await this.isReady())) {
      const problem = this.running ? 'is not ready' : 'ended before it was ready';
      if (!this.running || performance.now() > deadline)
        throw new Error(`${this.name} ${problem}:\n${this.#lines.join('\n')}`);
      // A probe of a gateway asks all the others.
      await delay(PROBED_EVERY);
    }
  }

  async isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/health/ready`);
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** SIGKILL, as a power cut would. Resolves when the process is gone. */
  async kill(): Promise<void> {
    if (!this.running) return;
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  /** SIGTERM. Resolves when the process has ended by itself, however long that takes. */
  async stop(): Promise<Ending> {
    const child = this.#child;
    if (!child || !this.running) throw new Error(`${this.name} does not run:\n${this.#lines.join('\n')}`);
    const told = performance.now();
    child.kill('SIGTERM');
    await this.#exit;
    return { code: child.exitCode, signal: child.signalCode, after: performance.now() - told };
  }
}
