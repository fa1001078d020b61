/** Makes the corrections that are queued, each batch and its answer in one commit. To be called between two steps of following the connections' log, never beside one. */
import { fromInstant } from '@numberyard/kit/clock/clock';
import { decide } from '@numberyard/kit/commands/decide';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import { save } from '@numberyard/kit/storage/port';
import { LeaseLostError, stopWhenLost } from '@numberyard/kit/workers/leases';
import type { Step } from '@numberyard/kit/workers/loop';
import type { ConnectionsInternal, CorrectionBatch } from '@numberyard/schema/internal';
import { correctionBatches, type CorrectionBatchDoc } from '../models/correction-batch.js';
import { nowOf, type Deps } from './context.js';
import { numbersOf } from './correct-numbers.js';
import { judgeCorrections } from './judge-corrections.js';

/** A batch that could not be made is tried again after this, milliseconds: nothing else waits for it. */
const AGAIN_AFTER = 1_000;
/** Batches looked at in one step; a customer has one at a time. */
const PER_STEP = 100;

export interface ApplyingDeps extends Pick<Deps, 'store' | 'clock'> {
  readonly logger: Logger;
  readonly connections: { readonly log: Pick<FollowedLog, 'state'>; readonly internal: ConnectionsInternal };
  /** Whether the connections' log has been applied up to a position. */
  reached(position: number): Promise<boolean>;
}

export class CorrectionQueue {
  readonly #deps: ApplyingDeps;
  /** When a batch that failed is tried again, by run; of the monotonic clock. */
  readonly #notBefore = new Map<string, number>();

  constructor(deps: ApplyingDeps) {
    this.#deps = deps;
  }

  async step(step: Step): Promise<void> {
    const { store, clock, logger } = this.#deps;
    const { items } = await store.find(correctionBatches, { key: 'byPending', equals: [1], limit: PER_STEP });
    for (const queued of items) {
      if (step.signal.aborted) return;
      if (clock.monotonic() < (this.#notBefore.get(queued.id) ?? 0)) continue;
      try {
        if (await this.#isDue(queued)) await this.#make(queued, step);
        this.#notBefore.delete(queued.id);
      } catch (error) {
        if (error instanceof LeaseLostError) throw error;
        // One batch must not keep the log from being followed.
        this.#notBefore.set(queued.id, clock.monotonic() + AGAIN_AFTER);
        const waits = clock.now() - fromInstant(queued.updatedAt);
        logger.warn(
          { err: error, run: queued.id, waits },
          'a batch of corrections could not be made; it is tried again',
        );
      }
    }
  }

  /**
   * What happened before it was asked for has to be applied first, lest what a sync is about to tell be taken for an error of the inventory. A log that was
   * replaced since tells no more of that; then the uses have been taken from the owner's listing once it is followed.
   */
  async #isDue({ notBefore }: CorrectionBatchDoc): Promise<boolean> {
    const { connections, reached } = this.#deps;
    const { epoch } = await connections.log.state();
    return reached(notBefore.epoch === epoch ? notBefore.position : 0);
  }

  async #make(queued: CorrectionBatchDoc, { lease }: Step): Promise<void> {
    const { store, connections } = this.#deps;
    const batch = JSON.parse(queued.asked ?? '') as CorrectionBatch;
    const uses = await connections.internal.numberUsesOf(batch.customer, numbersOf(batch));
    const attempt = async () => {
      const now = await store.get(correctionBatches, queued.id);
      if (now?.version !== queued.version) return { value: undefined };
      const judged = await judgeCorrections(this.#deps, batch, uses);
      const { id, version, batch: number, notBefore } = queued;
      const answer = JSON.stringify(judged.answer);
      const done: CorrectionBatchDoc = { id, version, batch: number, notBefore, answer, updatedAt: nowOf(this.#deps) };
      const commit = {
        expect: [lease.fence, ...judged.expect],
        save: [...judged.save, save(correctionBatches, done)],
        events: judged.events,
        trusted: true,
      };
      return { value: undefined, commit };
    };
    await decide(store, attempt, stopWhenLost(lease));
  }
}
