/** What is kept of an audit's corrections goes seven days after its last batch. */
import { toInstant } from '@numberyard/kit/clock/clock';
import type { Logger } from '@numberyard/kit/logging/logger';
import { asRead } from '@numberyard/kit/storage/port';
import { stopWhenLost, type Leases } from '@numberyard/kit/workers/leases';
import { Loop } from '@numberyard/kit/workers/loop';
import type { Deps } from '../commands/context.js';
import { correctionBatches } from '../models/correction-batch.js';

const KEPT = 7 * 86_400_000;
const EVERY = 3_600_000;
const PER_STEP = 500;

export function forgetCorrections({
  store,
  leases,
  clock,
  logger,
}: Pick<Deps, 'store' | 'clock'> & { readonly leases: Leases; readonly logger: Logger }): Loop {
  return new Loop({
    name: 'forget-corrections',
    leases,
    clock,
    logger,
    everyMs: EVERY,
    async step({ lease }) {
      const before = toInstant(clock.now() - KEPT);
      const { items } = await store.find(correctionBatches, { key: 'byAge', next: { lt: before }, limit: PER_STEP });
      if (items.length === 0) return undefined;
      const remove = items.map((old) => asRead(correctionBatches, old));
      const result = await store.commit({ expect: [lease.fence], remove });
      if (!result.ok) stopWhenLost(lease)(result.conflicts);
      return 0;
    },
  });
}
