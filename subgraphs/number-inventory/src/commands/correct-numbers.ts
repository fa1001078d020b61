/**
 * Corrections that audits ask for. They are not made by the one who asks: a device may register or leave at any moment, so they are queued and made between two
 * steps of following the connections' log, where the uses of exactly those numbers are read. Whatever the log tells that is later than this reading is applied
 * after it.
 */
import { decide } from '@numberyard/kit/commands/decide';
import type { FollowedLog } from '@numberyard/kit/log/event';
import { save, type Store } from '@numberyard/kit/storage/port';
import type { Follower } from '@numberyard/kit/workers/follower';
import type { ConnectionsInternal, CorrectionAnswer, CorrectionBatch } from '@numberyard/schema/internal';
import { correctionBatches, type CorrectionBatchDoc } from '../models/correction-batch.js';
import { nowOf, type Deps } from './context.js';
import { judgeCorrections } from './judge-corrections.js';

/** How long one call waits for its batch, and how long between two looks, milliseconds. */
const WAIT = 2_000;
const LOOK_EVERY = 50;

export interface CorrectingDeps extends Pick<Deps, 'store' | 'clock'> {
  readonly connections: { readonly log: Pick<FollowedLog, 'state'>; readonly internal: ConnectionsInternal };
  readonly follower: Pick<Follower, 'reach' | 'ring'>;
}

/**
 * See {@link NumberInventoryInternal.correctNumbers}.
 * A batch before the run's last, or one after a batch that is not done, is REFUSED.
 */
export async function correctNumbers(deps: CorrectingDeps, batch: CorrectionBatch): Promise<CorrectionAnswer> {
  if (batch.dryRun) return proposeCorrections(deps, batch);
  const known = await handIn(deps, batch);
  return known.answer === undefined ? awaitAnswer(deps, batch) : told(known.answer);
}

/** What the batch would come to, nothing being written. What it tells may be late by the time it is read, as any proposal. */
async function proposeCorrections(deps: CorrectingDeps, batch: CorrectionBatch): Promise<CorrectionAnswer> {
  const { connections, follower } = deps;
  if (!(await follower.reach(WAIT))) return { state: 'PENDING' };
  const uses = await connections.internal.numberUsesOf(batch.customer, numbersOf(batch));
  return (await judgeCorrections(deps, batch, uses)).answer;
}

/** Queue a batch; one that is known is answered as it stands. */
async function handIn({ store, connections, follower, ...deps }: CorrectingDeps, batch: CorrectionBatch) {
  const { epoch, head: position } = await connections.log.state();
  const queued = await decide<Pick<CorrectionBatchDoc, 'answer'>>(store, async () => {
    const known = await store.get(correctionBatches, batch.run);
    if (known?.batch === batch.batch) return { value: known };
    if (known && (known.pending || known.batch > batch.batch)) return { value: { answer: outOfStep(batch, known) } };
    const next: CorrectionBatchDoc = {
      id: batch.run,
      version: known?.version ?? 0,
      batch: batch.batch,
      pending: 1,
      asked: JSON.stringify(batch),
      notBefore: { epoch, position },
      updatedAt: nowOf(deps),
    };
    return { value: next, commit: { save: [save(correctionBatches, next)] } };
  });
  follower.ring();
  return queued;
}

/** Who asks for the batches of a run waits for each: they only part when one of the two stores goes back to what it was. */
function outOfStep({ batch }: CorrectionBatch, known: CorrectionBatchDoc): string {
  const message = `Batch ${batch} of the run comes after batch ${known.batch}: what one side knows of the run was restored.`;
  const answer: CorrectionAnswer = { state: 'REFUSED', code: 'OUT_OF_STEP', message };
  return JSON.stringify(answer);
}

async function awaitAnswer(deps: CorrectingDeps, { run, batch }: CorrectionBatch): Promise<CorrectionAnswer> {
  const { store, clock } = deps;
  const end = clock.monotonic() + WAIT;
  for (;;) {
    const waiting = new AbortController();
    const silence = store.log.onAppend(() => waiting.abort());
    try {
      const answer = await answerOf(store, run, batch);
      if (answer !== undefined) return told(answer);
      const left = end - clock.monotonic();
      if (left <= 0) return { state: 'PENDING' };
      // Another process may be the one that follows, or nothing be told of the batch, so it is looked for as well.
      await clock.sleep(Math.min(left, LOOK_EVERY), waiting.signal);
    } finally {
      silence();
    }
  }
}

async function answerOf(store: Store, run: string, batch: number): Promise<string | undefined> {
  const known = await store.get(correctionBatches, run);
  return known?.batch === batch ? known.answer : undefined;
}

export function numbersOf(batch: CorrectionBatch): string[] {
  return batch.numbers.map(({ number }) => number);
}

function told(answer: string): CorrectionAnswer {
  return JSON.parse(answer) as CorrectionAnswer;
}
