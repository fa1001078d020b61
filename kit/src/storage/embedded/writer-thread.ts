/** The store's end of the writer thread. */
import { Worker } from 'node:worker_threads';
import { StoreError } from '../port.js';
import type { Group, GroupEngine, Outcome } from '../prepared.js';
import { type AnswerMessage, type Order, READY, type WriterData } from './messages.js';
import type { PruneOrder } from './prune.js';

interface Waiting {
  readonly resolve: (answer: AnswerMessage['answer']) => void;
  readonly reject: (error: StoreError) => void;
}

/** Sends orders to the thread and matches its answers; when the thread ends unasked, everything waiting is answered CLOSED. */
export class WriterThread implements GroupEngine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #sequence = READY;
  #ended: StoreError | undefined;

  private constructor(data: WriterData, onCrash: (error: StoreError) => void) {
    // Flags the process was started with are for its own entry point; some, like --input-type, no thread survives.
    this.#worker = new Worker(new URL('./writer.js', import.meta.url), { workerData: data, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (message: AnswerMessage) => this.#settle(message));
    let reason: unknown;
    this.#worker.on('error', (error) => (reason = error));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        const asked = this.#ended !== undefined;
        this.#end(new StoreError('CLOSED', `The writer of ${data.file} has ended.`, { cause: reason }));
        if (!asked && this.#ended) onCrash(this.#ended);
        resolve();
      });
    });
  }

  /** Resolves once the file's tables are as declared. @throws StoreError */
  static async start(data: WriterData, onCrash: (error: StoreError) => void): Promise<WriterThread> {
    const thread = new WriterThread(data, onCrash);
    try {
      await thread.#wait(READY);
    } catch (error) {
      await thread.#worker.terminate();
      throw error;
    }
    return thread;
  }

  async applyGroup(group: Group): Promise<readonly Outcome[]> {
    return (await this.#send({ kind: 'group', group })) as readonly Outcome[];
  }

  async prune(order: PruneOrder): Promise<number> {
    return (await this.#send({ kind: 'prune', order })) as number;
  }

  async verify(): Promise<string[]> {
    return (await this.#send({ kind: 'verify' })) as string[];
  }

  /** After the orders sent before; the file is closed when this resolves. */
  async close(): Promise<void> {
    if (!this.#ended) {
      const closed = this.#send({ kind: 'close' });
      this.#ended = new StoreError('CLOSED', 'The store is closed.');
      await closed;
      // Its last answer let go of the process, which has to live until the thread has ended for this to resolve.
      this.#worker.ref();
    }
    await this.#exited;
  }

  #send(order: Order): Promise<AnswerMessage['answer']> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#sequence += 1;
    this.#worker.postMessage({ sequence: this.#sequence, order });
    return this.#wait(this.#sequence);
  }

  /** While an answer is out the thread keeps the process alive; an idle store does not. */
  #wait(sequence: number): Promise<AnswerMessage['answer']> {
    if (this.#waiting.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => this.#waiting.set(sequence, { resolve, reject }));
  }

  #settle({ sequence, answer, fault }: AnswerMessage): void {
    const waiting = this.#waiting.get(sequence);
    this.#waiting.delete(sequence);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (fault) waiting?.reject(new StoreError(fault.code, fault.message));
    else waiting?.resolve(answer);
  }

  #end(error: StoreError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
