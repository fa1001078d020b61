/**
 * The numbers of a customer held against what uses them: three lists in order of number are gone through side by side. Whatever is not plainly right is handed
 * over; a number that is costs nothing but the look.
 */
import { giveWay } from '@numberyard/kit/workers/courtesy';
import type { AuditedNumber, ListedUse, Listing } from '@numberyard/schema/internal';
import type { ListingPositions } from '../../domain/audit-run.js';
import { verdictOn, type Gathered } from '../../domain/compare.js';
import type { NumberService } from '../../domain/number-service.js';
import { needsMore, nextKey } from '../../domain/ordered-pages.js';
import type { ScopedJob } from './audit-job.js';
import { endStretch } from './corrections.js';
import { PageFeed } from './page-feed.js';
import { PAGE, servicePage } from './services-of.js';
import { ask } from './sources.js';
import { Stretch } from './stretch.js';

interface Lists {
  readonly numbers: PageFeed<AuditedNumber>;
  readonly uses: PageFeed<ListedUse>;
  readonly services: PageFeed<NumberService>;
}

/** Goes on after the last number that was gone through. */
export async function auditNumbers(job: ScopedJob): Promise<void> {
  const { context, writer, signal } = job;
  const { upTo = '', positions } = writer.run;
  const lists = open(job, positions);
  let stretch = new Stretch(context.clock);
  while (await readOn(lists)) {
    signal.throwIfAborted();
    const from = positionsOf(lists);
    for (const gathered of gatheredNow(lists)) {
      // A page begins before the number that was the last of an earlier attempt.
      if (gathered.number <= upTo) continue;
      look(job, gathered, stretch);
      if (!stretch.isFull) continue;
      stretch.positions = from;
      await endStretch(job, stretch);
      stretch = new Stretch(context.clock);
    }
    stretch.positions = from;
    if (stretch.isLong) {
      await endStretch(job, stretch);
      stretch = new Stretch(context.clock);
    }
    await giveWay();
  }
  await endStretch(job, stretch);
}

function look({ scope }: ScopedJob, gathered: Gathered, stretch: Stretch): void {
  const { number, inventory, services } = gathered;
  const verdict = verdictOn(scope, gathered);
  if (verdict === 'DIFFERS') stretch.propose({ number, mark: inventory?.mark ?? null }, services.length);
  stretch.pass(number, verdict === 'RIGHT' ? 'unchanged' : verdict === 'SKIPPED' ? 'skipped' : undefined);
}

function open(job: ScopedJob, from: ListingPositions = {}): Lists {
  const { context, writer } = job;
  const { store, numberInventory, connections } = context;
  const { customer } = writer.run;
  const read = <T extends { readonly number: string }>(
    page: (after: string | undefined) => Promise<Listing<T>>,
    position: string | undefined,
  ) => new PageFeed<T>(({ number }) => number, page, position);
  return {
    numbers: read(
      (after) => ask(job, 'number-inventory', () => numberInventory.auditedNumbers(customer, after, PAGE)),
      from.numbers,
    ),
    uses: read((after) => ask(job, 'connections', () => connections.numberUses(customer, after, PAGE)), from.uses),
    services: read((after) => servicePage(store, { key: 'byNumber', equals: [customer] }, after), from.services),
  };
}

/** @returns false when there is nothing left */
async function readOn({ numbers, uses, services }: Lists): Promise<boolean> {
  const all = [numbers, uses, services];
  const heads = all.flatMap(({ head }) => head ?? []).sort();
  // Without a next number every list has to be read on, else those that may have more of it.
  const next = heads[0];
  const short = all.filter((list) => next === undefined || needsMore(list, next));
  await Promise.all(short.map((list) => list.more()));
  return all.some(({ head }) => head !== undefined);
}

function* gatheredNow({ numbers, uses, services }: Lists): Generator<Gathered> {
  const all = [numbers, uses, services];
  for (let number = nextKey(all); number !== undefined; number = nextKey(all)) {
    const [inventory] = numbers.take(number);
    yield {
      number,
      ...(inventory && { inventory }),
      uses: uses.take(number),
      services: services.take(number),
    };
  }
}

function positionsOf({ numbers, uses, services }: Lists): ListingPositions {
  return {
    ...(numbers.position !== undefined && { numbers: numbers.position }),
    ...(uses.position !== undefined && { uses: uses.position }),
    ...(services.position !== undefined && { services: services.position }),
  };
}
