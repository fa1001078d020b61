/** The columns of an export of findings, in their order. */
import type { ExportColumn } from '@numberyard/kit/files/export-lines';
import type { ShownNumber } from '@numberyard/schema/internal';
import { resolutionOf, type Finding } from '../domain/finding.js';

type Side = 'before' | 'after';

const shown = (side: Side, name: string, of: (number: ShownNumber) => string | null | readonly string[]) => ({
  name: `${side}${name}`,
  of: ({ [side]: number }: Finding) => (number ? of(number) : null),
});

const side = (which: Side): ExportColumn<Finding>[] => [
  shown(which, 'Status', ({ status }) => status),
  shown(which, 'Usage', ({ usage }) => usage),
  shown(which, 'Vendor', ({ vendor }) => vendor),
  shown(which, 'ReleaseDate', ({ releaseDate }) => releaseDate),
  shown(which, 'Node', ({ node }) => node),
];

export const FINDING_COLUMNS: readonly ExportColumn<Finding>[] = [
  { name: 'number', of: ({ number }) => number ?? null },
  { name: 'kind', of: ({ kind }) => kind },
  { name: 'outcome', of: ({ outcome }) => outcome },
  ...side('before'),
  ...side('after'),
  { name: 'cause', of: ({ cause }) => cause },
  { name: 'resolution', of: ({ kind }) => resolutionOf(kind) ?? null },
  { name: 'time', of: ({ time }) => time },
  { name: 'id', of: ({ id }) => id },
];
