/**
 * Status, usages and vendor of a number as one text. There are few different ones, so that one key (node, kind, number) and one counter (node, kind)
 * answer every combination of these three filters exactly, where a key for each would cost every write several times as much.
 */
import type { Status, Usage } from './number.js';
import type { Shown } from './status.js';

export interface Kind {
  readonly status: Status;
  readonly usage: readonly Usage[];
  readonly vendor: string | undefined;
}

export function kindOf({ status, usage, vendor }: Pick<Shown, 'status' | 'usage' | 'vendor'>): string {
  const usages = usage.length > 1 ? [...usage].sort().join() : (usage[0] ?? '');
  return `${status}|${usages}|${vendor ?? ''}`;
}

/** The kind of numbers that may be handed out. */
export const AVAILABLE_KIND = kindOf({ status: 'AVAILABLE', usage: [], vendor: undefined });

/** Reads what {@link kindOf} wrote; the vendor comes last because it is free text. */
export function readKind(kind: string): Kind {
  const [status, usages, ...vendor] = kind.split('|');
  return {
    status: status as Status,
    usage: usages ? (usages.split(',') as Usage[]) : [],
    vendor: vendor.join('|') || undefined,
  };
}
