/** Counts of numbers at a node and below, out of one counter. */
import type { Store } from '@numberyard/kit/storage/port';
import type { Status, Usage } from '../domain/number.js';
import { countedKinds } from './number-kinds.js';

export interface NumberSummary {
  readonly total: number;
  readonly byStatus: readonly { readonly status: Status; readonly count: number }[];
  /** A number with several usages counts for each. */
  readonly byUsage: readonly { readonly usage: Usage; readonly count: number }[];
  /** Null is the default vendor. */
  readonly byVendor: readonly { readonly vendor: string | null; readonly count: number }[];
}

/** Every status is told, also with none. */
const STATUSES: readonly Status[] = ['AVAILABLE', 'USED', 'USED_UTILITY', 'RESERVED', 'COOLING'];

export async function summariseNumbers(store: Store, node: string): Promise<NumberSummary> {
  const byStatus = new Map<Status, number>(STATUSES.map((status) => [status, 0]));
  const byUsage = new Map<Usage, number>();
  const byVendor = new Map<string | null, number>();
  let total = 0;
  for (const { status, usage, vendor, count } of await countedKinds(store, node)) {
    total += count;
    add(byStatus, status, count);
    for (const each of usage) add(byUsage, each, count);
    add(byVendor, vendor ?? null, count);
  }
  return {
    total,
    byStatus: [...byStatus].map(([status, count]) => ({ status, count })),
    byUsage: [...byUsage].map(([usage, count]) => ({ usage, count })),
    byVendor: [...byVendor].map(([vendor, count]) => ({ vendor, count })),
  };
}

function add<K>(counts: Map<K, number>, key: K, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
