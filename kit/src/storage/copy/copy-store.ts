/** Copying one image into a target: begun, gone on with after a kill, and compared at the end. */
import { StoreError } from '../port.js';
import { partName, type StoreImage } from './image.js';
import type { CopyMark } from './mark.js';
import { differences, tallyImage, type Tallies } from './tally.js';
import type { StoreTarget } from './target.js';

/** What a copy is doing, for people: a step's name and how many rows it has dealt with. */
export type Progress = (step: string, rows: number) => void;

export interface CopyOptions {
  readonly source: StoreImage;
  readonly target: StoreTarget;
  readonly mark: CopyMark;
  /** What the source holds, when that is known beforehand; else it is read again to be counted. */
  readonly tallies?: Tallies;
  readonly progress: Progress;
}

/**
 * Copy whatever of `source` is not in `target` yet, make keys and counters, and compare. The target keeps its mark.
 * @returns how many rows each part has
 * @throws StoreError INVALID when the copy differs from its source
 */
export async function copyStore(options: CopyOptions): Promise<Tallies> {
  const { source, target, mark, progress } = options;
  await load(options);
  const wanted = options.tallies ?? (await tallyImage(source, (rows) => progress('counting', rows)));
  const comparing = (rows: number) => progress('comparing', rows);
  let found = await tallyImage(target.image(), comparing);
  const wrong = differences(wanted, found);
  if (wrong.length > 0) {
    // An earlier run wrote them, and its source has changed since: everything else was just copied from this one.
    await loadAgain(options, wrong);
    found = await tallyImage(target.image(), comparing);
  }
  const still = differences(wanted, found);
  if (still.length > 0) {
    const told = still.map((name) => `${name} (${found[name]?.count ?? 0} of ${wanted[name]?.count ?? 0} rows)`);
    throw new StoreError('INVALID', `${target.place} differs from what was copied into it: ${told.join(', ')}.`);
  }
  await target.align((collection) => progress(`keys and counters of ${collection}`, 0));
  const facts = await source.facts();
  await target.setFacts({ ...facts, epoch: mark.epoch ?? facts.epoch });
  const problems = await target.check();
  if (problems.length > 0) throw new StoreError('INVALID', `${target.place}: ${problems.join(' ')}`);
  return found;
}

async function load({ source, target, progress }: CopyOptions): Promise<void> {
  const start = async (part: Parameters<StoreTarget['last']>[0]) => {
    const after = await target.last(part);
    return after === undefined ? undefined : { after };
  };
  for await (const { part, rows } of source.batches(start)) {
    await target.write(part, rows);
    progress(partName(part), rows.length);
  }
}

async function loadAgain({ source, target, progress }: CopyOptions, names: readonly string[]): Promise<void> {
  // Also what the source no longer has.
  for await (const { part } of target.image().batches(() => 'SKIP')) {
    if (names.includes(partName(part))) await target.clear(part);
  }
  for await (const { part, rows } of source.batches((part) => (names.includes(partName(part)) ? undefined : 'SKIP'))) {
    await target.write(part, rows);
    progress(`${partName(part)} again`, rows.length);
  }
}
