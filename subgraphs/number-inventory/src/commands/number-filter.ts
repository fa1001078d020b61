/** Which numbers are asked for: conditions on what is shown of them, joined by and. */
import type { Condition } from '@numberyard/kit/storage/port';
import type { NumberFields } from '@numberyard/schema/events';
import type { Kind } from '../domain/kind.js';
import type { Instant, Status, Usage } from '../domain/number.js';

export interface NumberFilter {
  readonly status?: readonly Status[] | null;
  readonly usage?: Usage | null;
  /** Empty: the default vendor. */
  readonly vendor?: string | null;
  readonly startsWith?: string | null;
  readonly endsWith?: string | null;
  /** Exactly. */
  readonly tag?: string | null;
  /** Inclusive. */
  readonly releaseDateFrom?: Instant | null;
  /** Exclusive. */
  readonly releaseDateBefore?: Instant | null;
  readonly connection?: string | null;
}

/** Whether status, usage or vendor are asked for. */
export function isByKind({ status, usage, vendor }: NumberFilter): boolean {
  return status != null || usage != null || vendor != null;
}

/** Whether status, usage and vendor, as shown, are what the filter asks for. */
export function matchesKind(filter: NumberFilter, { status, usage, vendor }: Kind): boolean {
  if (filter.status && !filter.status.includes(status)) return false;
  if (filter.usage && !usage.includes(filter.usage)) return false;
  return filter.vendor == null || filter.vendor === (vendor ?? '');
}

/** The same as conditions on stored numbers. */
export function kindConditions({ status, usage, vendor }: NumberFilter): Record<string, Condition> {
  return {
    ...(status != null && { status: { in: [...status] } }),
    ...(usage != null && { usage }),
    ...(vendor != null && { vendor: vendor === '' ? { exists: false } : vendor }),
  };
}

/** The release dates asked for; undefined when any will do, also none. */
export function datesOf({
  releaseDateFrom,
  releaseDateBefore,
}: NumberFilter): { gte?: Instant; lt?: Instant } | undefined {
  if (releaseDateFrom == null && releaseDateBefore == null) return undefined;
  return {
    ...(releaseDateFrom != null && { gte: releaseDateFrom }),
    ...(releaseDateBefore != null && { lt: releaseDateBefore }),
  };
}

/** The beginning of a number as numbers are stored. */
export function spelled(prefix: string): string {
  return prefix.startsWith('\\+') ? prefix.slice(1) : prefix;
}

/** Whether a number was what the filter asks for, going by what an event tells of it. Without an order, conditions may be combined in any way. */
export function matchesEvent(filter: NumberFilter, fields: NumberFields): boolean {
  const { number, tag, releaseDate, connection } = fields;
  const kind = { status: fields.status as Status, usage: fields.usage as Usage[], vendor: fields.vendor ?? undefined };
  if (!matchesKind(filter, kind)) return false;
  if (filter.startsWith && !number.startsWith(spelled(filter.startsWith))) return false;
  if (filter.endsWith && !number.endsWith(filter.endsWith)) return false;
  if (filter.tag != null && tag !== filter.tag) return false;
  if (filter.releaseDateFrom != null && (releaseDate === null || releaseDate < filter.releaseDateFrom)) return false;
  if (filter.releaseDateBefore != null && (releaseDate === null || releaseDate >= filter.releaseDateBefore))
    return false;
  return !filter.connection || connection === filter.connection;
}
