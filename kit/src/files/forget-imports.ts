/** What is kept of imports goes after seven days, like the records of other requests: until then a repetition is answered, or goes on. */
import { toInstant, type Clock } from '../clock/clock.js';
import type { Logger } from '../logging/logger.js';
import { asRead, type Store } from '../storage/port.js';
import { stopWhenLost, type Leases } from '../workers/leases.js';
import { Loop } from '../workers/loop.js';
import { imports, refusedLines } from './import-collections.js';

const KEPT = 7 * 86_400_000;
const EVERY = 3_600_000;
const PER_STEP = 500;

export function forgetImports(deps: {
  readonly store: Store;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
}): Loop {
  const { store, leases, clock, logger } = deps;
  return new Loop({
    name: 'forget-imports',
    leases,
    clock,
    logger,
    everyMs: EVERY,
    async step({ lease }) {
      const before = toInstant(clock.now() - KEPT);
      const { items } = await store.find(imports, { key: 'byAge', next: { lt: before }, limit: 1 });
      const [old] = items;
      if (!old) return undefined;
      const lines = await store.find(refusedLines, { key: 'byLine', equals: [old.id], limit: PER_STEP });
      const isLast = lines.items.length < PER_STEP;
      const remove = lines.items.map((line) => asRead(refusedLines, line));
      // The import itself goes last, so that what is left of it is found again. One that went on meanwhile stays.
      if (isLast) remove.push(asRead(imports, old));
      const result = await store.commit({ expect: [lease.fence, asRead(imports, old)], remove });
      if (!result.ok) stopWhenLost(lease)(result.conflicts);
      return 0;
    },
  });
}
