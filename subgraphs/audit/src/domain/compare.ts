/** Holding a number against what uses it: the merge only proposes, number-inventory judges whatever is not plainly right. */
import type { AuditedNumber, AuditedUse, ListedUse } from '@numberyard/schema/internal';
import type { AuditLevel } from './audit-run.js';
import { duplicateNumber } from './duplicates.js';
import type { NumberService } from './number-service.js';
import { useOf } from './service-use.js';

/** One number, and all there is about it: in the inventory, among the registered users, among the services. */
export interface Gathered {
  readonly number: string;
  readonly inventory?: AuditedNumber;
  readonly uses: readonly ListedUse[];
  readonly services: readonly NumberService[];
}

/** Which nodes' numbers an audit looks at. */
export interface AuditScope {
  readonly customer: string;
  readonly level: AuditLevel;
  /** At level SITE; absent: all. */
  readonly sites?: ReadonlySet<string>;
  /** Whether a new number's home follows from its digits instead of from what uses it. */
  readonly siteCodes: boolean;
}

export type Verdict = 'RIGHT' | 'SKIPPED' | 'OUT_OF_SCOPE' | 'DIFFERS';

/** Sources of uses that come from the lists beside the inventory; its own assignments are always expected. */
const LISTED = new Set(['REGISTERED_USER', 'SERVICE']);

/**
 * - Level CUSTOMER audits everything ("mixed mode of audit, which audits directory numbers at both Customer and Site level"); level SITE what lives at an
 *   audited site or is used by one ("No Customer level directory numbers will be audited"). One that an audited site uses and that exists elsewhere is told of
 *   whether its uses are right or not.
 * - "Numbers that are in a Cooling or Reserved state will not be audited": those differ only in that something uses them.
 * - Several vendors, connections, clusters or partitions are nothing to correct, and are reported with every audit.
 */
export function verdictOn(scope: AuditScope, gathered: Gathered): Verdict {
  const { inventory, uses, services } = gathered;
  if (!inventory) return scope.siteCodes || usedWithin(scope, gathered) ? 'DIFFERS' : 'OUT_OF_SCOPE';
  if (!isAudited(scope, inventory.node)) return usedWithin(scope, gathered) ? 'DIFFERS' : 'OUT_OF_SCOPE';
  if (inventory.status === 'COOLING' || inventory.status === 'RESERVED')
    return uses.length + services.length > 0 ? 'DIFFERS' : 'SKIPPED';
  const isRight = inventory.consistent && hasUses(inventory, gathered) && !isContested(inventory, gathered);
  return isRight ? 'RIGHT' : 'DIFFERS';
}

/** Whether a node is among those whose numbers and services are audited. */
export function isAudited({ customer, level, sites }: AuditScope, node: string): boolean {
  return level === 'CUSTOMER' || (node !== customer && (sites?.has(node) ?? true));
}

function usedWithin(scope: AuditScope, { uses, services }: Gathered): boolean {
  return uses.some(({ node }) => isAudited(scope, node)) || services.some(({ node }) => isAudited(scope, node));
}

function hasUses({ uses: kept }: AuditedNumber, { uses, services }: Gathered): boolean {
  let listed = 0;
  for (const { source } of kept) if (LISTED.has(source)) listed += 1;
  if (listed !== uses.length + services.length) return false;
  return (
    uses.every((use) => kept.some((other) => other.source === 'REGISTERED_USER' && isSame(other, use))) &&
    services.every((service) => {
      const use = useOf(service);
      return kept.some((other) => other.source === 'SERVICE' && isSame(other, use));
    })
  );
}

function isSame(kept: AuditedUse, use: Pick<AuditedUse, 'ref' | 'usage' | 'vendor'>): boolean {
  return kept.ref === use.ref && kept.usage === use.usage && kept.vendor === use.vendor;
}

function isContested({ uses: kept }: AuditedNumber, { uses, services }: Gathered): boolean {
  if (kept.length < 2) return false;
  return (
    kept.some(({ vendor }) => vendor !== kept[0]?.vendor) ||
    uses.some(({ connection }) => connection !== uses[0]?.connection) ||
    duplicateNumber(services) !== undefined
  );
}
