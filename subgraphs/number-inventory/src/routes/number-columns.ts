/** The columns of an export, in their order; an import takes some of them and passes over the others. */
import type { ExportColumn } from '@numberyard/kit/files/export-lines';
import type { Identity } from '@numberyard/kit/identity/identity';
import { hasPower } from '@numberyard/schema/rights';
import type { PlacedNumber } from '../commands/all-numbers.js';
import { e164Of } from '../domain/number.js';

export interface Column extends ExportColumn<PlacedNumber> {
  /** Told only to those who may read more than numbers. */
  readonly beyond?: true;
}

export const COLUMNS: readonly Column[] = [
  { name: 'number', of: ({ number }) => number },
  { name: 'e164', of: ({ number, e164 }) => e164Of(number) ?? e164 ?? null },
  { name: 'status', of: ({ status }) => status },
  { name: 'usage', of: ({ usage }) => usage },
  { name: 'vendor', of: ({ vendor }) => vendor ?? null },
  { name: 'tag', of: ({ tag }) => tag ?? null },
  { name: 'releaseDate', of: ({ releaseDate }) => releaseDate ?? null },
  { name: 'description', of: ({ description }) => description ?? null },
  { name: 'extras', of: ({ extras }) => Object.fromEntries((extras ?? []).map(({ name, value }) => [name, value])) },
  { name: 'reservationNotes', of: ({ reservation }) => reservation?.notes ?? null },
  { name: 'node', of: ({ node }) => node },
  { name: 'nodeName', beyond: true, of: ({ nodeName }) => nodeName },
  { name: 'connection', beyond: true, of: ({ connection }) => connection ?? null },
  { name: 'id', of: ({ id }) => id },
];

/** Those that a caller is told. */
export function columnsFor(identity: Identity): readonly Column[] {
  return hasPower(identity, 'READ') ? COLUMNS : COLUMNS.filter(({ beyond }) => !beyond);
}
