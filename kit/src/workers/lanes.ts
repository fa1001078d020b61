/** Long work from a queue, some of it at a time: each lane is a loop under its own lease, so work in a lane nobody works in is of a process that died. */
import { Loop, type LoopOptions, type Step } from './loop.js';

export interface LanesOptions extends Pick<LoopOptions, 'leases' | 'clock' | 'logger'> {
  /** The lanes' leases are `<name>.1` and so on. */
  readonly name: string;
  /** Pieces of work carried out at the same time, over all processes together. */
  readonly lanes: number;
  /** Carry out the next piece of work in a lane, counted from 1; answers false when there is none. */
  work(lane: number, step: Step): Promise<boolean>;
}

export class Lanes {
  readonly #lanes: readonly Loop[];

  constructor({ name, lanes, work, ...workers }: LanesOptions) {
    this.#lanes = Array.from(
      { length: lanes },
      (_, index) =>
        new Loop({
          ...workers,
          name: `${name}.${index + 1}`,
          step: async (step) => ((await work(index + 1, step)) ? 0 : undefined),
        }),
    );
  }

  start(): void {
    for (const lane of this.#lanes) lane.start();
  }

  /** The problem that keeps a lane from going on, if there is one. */
  get failing(): Error | undefined {
    return this.#lanes.find((lane) => lane.failing)?.failing;
  }

  /** Something was queued. */
  ring(): void {
    for (const lane of this.#lanes) lane.ring();
  }

  async drain(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.drain()));
  }
}
