/** Take from their owners the uses of numbers that were left alone for a time, e.g. while number management was off. */
import { decide } from '@numberyard/kit/commands/decide';
import type { Logger } from '@numberyard/kit/logging/logger';
import { asRead, save, type Store } from '@numberyard/kit/storage/port';
import { stopWhenLost, type Lease } from '@numberyard/kit/workers/leases';
import type { Step } from '@numberyard/kit/workers/loop';
import { entity, event } from '@numberyard/schema/events';
import { nodes } from '../models/node.js';
import { owedUses, type OwedUsesDoc } from '../models/owed-uses.js';
import { bySync } from './apply-registered-users.js';
import { nowOf, type Deps } from './context.js';
import { dueUses } from './owed-uses.js';
import { rebuildUses, type UseListing } from './rebuild-uses.js';

/**
 * Of every customer for which they are due. To be called between two batches of the owner's log, never beside one. What is due stays due until it is done, so
 * that a process that is killed in the middle leaves it to the next, which begins again.
 */
export async function takeOwedUses(
  deps: Pick<Deps, 'store' | 'clock'> & { readonly logger: Logger },
  connections: UseListing,
  step: Step,
): Promise<void> {
  for (const owed of await dueUses(deps.store)) {
    const customer = owed.id;
    deps.logger.info({ customer }, 'the uses of its numbers are taken from their owners');
    const stillOwed = await rebuildUses(deps, connections, step, customer);
    await settle(deps, owed, stillOwed, step.lease);
    deps.logger.info({ customer }, 'the uses of its numbers have been taken from their owners');
  }
}

/** @param stillOwed whether numbers were left out that begin with no site's code */
async function settle(
  deps: { readonly store: Store } & Pick<Deps, 'clock'>,
  owed: OwedUsesDoc,
  stillOwed: boolean,
  lease: Lease,
): Promise<void> {
  const attempt = async () => {
    const now = await deps.store.get(owedUses, owed.id);
    const node = await deps.store.get(nodes, owed.id);
    // Asked for again meanwhile: then it is done again.
    if (now?.version !== owed.version || !node) return { value: undefined };
    const told = event(
      'NumberUsesTaken',
      { customer: owed.id },
      {
        retention: 'history',
        entity: entity.node(owed.id),
        path: node.path,
        time: nowOf(deps),
        ...bySync(),
      },
    );
    const { id, version } = owed;
    const change = stillOwed ? { save: [save(owedUses, { id, version })] } : { remove: [asRead(owedUses, owed)] };
    return { value: undefined, commit: { ...change, expect: [lease.fence], events: [told] } };
  };
  await decide(deps.store, attempt, stopWhenLost(lease));
}
