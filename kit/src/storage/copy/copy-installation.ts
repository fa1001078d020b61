/** Copying several stores that belong together: all of them are marked before the first row, and usable only when the last is compared. */
import { StoreError } from '../port.js';
import { copyStore, type Progress } from './copy-store.js';
import type { StoreImage } from './image.js';
import { type CopyMark, unfinished } from './mark.js';
import type { Tallies } from './tally.js';
import type { StoreTarget, TargetState } from './target.js';

export interface CopyPair {
  readonly source: StoreImage;
  readonly target: StoreTarget;
  readonly tallies?: Tallies;
}

export interface InstallationCopy {
  readonly pairs: readonly CopyPair[];
  readonly kind: CopyMark['kind'];
  /** Of the very thing that is copied, see {@link CopyMark.id}. */
  readonly id: string;
  /** Mint the mark of a store whose copy begins now. */
  readonly begin: () => CopyMark;
  readonly progress: (store: string) => Progress;
  /** Told of each store that is done. */
  readonly done: (store: string, tallies: Tallies) => void;
}

/**
 * Copy them all, or go on with what an earlier run of the same copy left.
 * @throws StoreError INVALID when a target is not empty, its copy differs, or it holds another unfinished copy
 */
export async function copyInstallation(copy: InstallationCopy): Promise<void> {
  const states = await statesOf(copy);
  const open = copy.pairs.filter(({ target }) => states.get(target)?.kind !== 'OCCUPIED');
  const marks = new Map<StoreTarget, CopyMark>();
  for (const { target } of open) {
    const state = states.get(target);
    const mark = state?.kind === 'UNFINISHED' ? state.mark : copy.begin();
    if (state?.kind === 'EMPTY') await target.begin(mark);
    marks.set(target, mark);
  }
  for (const { source, target, tallies } of open) {
    const mark = marks.get(target) ?? copy.begin();
    const progress = copy.progress(source.name);
    const found = await copyStore({ source, target, mark, progress, ...(tallies && { tallies }) });
    copy.done(source.name, found);
  }
  for (const [target, mark] of marks) await target.finish(mark);
}

/** What is in the targets. @throws StoreError when the copy may not go there */
export async function statesOf({
  pairs,
  kind,
  id,
}: Pick<InstallationCopy, 'pairs' | 'kind' | 'id'>): Promise<ReadonlyMap<StoreTarget, TargetState>> {
  const states = new Map<StoreTarget, TargetState>();
  for (const { target } of pairs) states.set(target, await target.state());
  const all = [...states.values()];
  const isOurs = (mark: CopyMark | undefined) => mark?.kind === kind && mark.id === id;
  for (const [{ place }, state] of states) {
    if (state.kind === 'UNFINISHED' && !isOurs(state.mark)) throw unfinished(place, state.mark);
    if (state.kind !== 'OCCUPIED') continue;
    // A kill between two stores' last steps leaves some done; else what is there is somebody's data.
    const isOursDone = isOurs(state.finished) && all.some((other) => other.kind === 'UNFINISHED');
    if (!isOursDone)
      throw new StoreError(
        'INVALID',
        `${place} is not empty${isOurs(state.finished) ? `: this ${kind} was finished there before` : ''}. Nothing was changed.`,
      );
  }
  return states;
}
