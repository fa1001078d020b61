/** What an audit finds: the kinds, and of each what the documents ("Audit Number Inventory") say to do about it. */
import type { ShownNumber } from '@numberyard/schema/internal';
import type { Doc, Instant } from '@numberyard/kit/storage/port';

export const FINDING_KINDS = [
  'CREATED',
  'MARKED_USED',
  'USES_CORRECTED',
  'FREED',
  'COOLED',
  'SKIPPED_COOLING',
  'SKIPPED_RESERVED',
  'EXISTS_AT_CUSTOMER',
  'EXISTS_AT_OTHER_SITE',
  'NO_HOME',
  'CHANGED_MEANWHILE',
  'VENDOR_CONFLICT',
  'CONNECTION_CONFLICT',
  'DUPLICATE_DEVICE_PROFILE',
  'DUPLICATE_PHONE',
  'DUPLICATE_NUMBER',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export const FINDING_OUTCOMES = ['PROPOSED', 'APPLIED', 'REPORTED'] as const;
export type FindingOutcome = (typeof FINDING_OUTCOMES)[number];

export interface Finding extends Doc {
  readonly run: string;
  /** From 1, in the order they were made. */
  readonly seq: number;
  readonly customer: string;
  /** Path of the node the number lives at, or would; else the customer's. */
  readonly path: string;
  readonly kind: FindingKind;
  readonly outcome: FindingOutcome;
  /** Absent of a device profile's or phone's duplicates. */
  readonly number?: string;
  /** Id of the number in the inventory; absent while it is not there. */
  readonly numberId?: string;
  readonly before?: ShownNumber;
  readonly after?: ShownNumber;
  readonly cause: string;
  /** Of a proposal: the mark of the number it was made for, so that it is applied to nothing else. */
  readonly mark?: string;
  readonly time: Instant;
}

/** The last finding about a number; id: the number's. */
export interface LastFinding extends Doc {
  readonly finding: string;
}

/** The documented errors, word for word ("Audit Number Inventory", Common Errors and Caveats). */
const ERRORS = {
  DUPLICATE_DEVICE_PROFILE: 'Duplicate device profiles (same profile name) in different clusters.',
  DUPLICATE_PHONE: 'Duplicate phones (same MAC) in different clusters.',
  DUPLICATE_NUMBER: 'Same internal number in one or more clusters.',
} as const satisfies Readonly<Partial<Record<FindingKind, string>>>;

export type DuplicateKind = keyof typeof ERRORS;

export function errorOf(kind: DuplicateKind): string {
  return ERRORS[kind];
}

const RESOLUTIONS: Readonly<Partial<Record<FindingKind, string>>> = {
  SKIPPED_COOLING: 'Leave it to the next sync, or end its cooling.',
  SKIPPED_RESERVED: 'End its reservation, if what uses it is in order.',
  EXISTS_AT_CUSTOMER: 'Move the number to the site that uses it, or audit at level CUSTOMER.',
  EXISTS_AT_OTHER_SITE: 'Move the number to the site that uses it, or audit its own site as well.',
  NO_HOME: 'Correct the number of what uses it, or the location codes of the sites.',
  CHANGED_MEANWHILE: 'Run the audit again.',
  VENDOR_CONFLICT: 'Leave the number to one of the vendors.',
  CONNECTION_CONFLICT: 'Leave the number to the devices of one of the connections.',
  // These three word for word, as the errors are.
  DUPLICATE_DEVICE_PROFILE: 'Ensure device profiles are not duplicated across the sites.',
  DUPLICATE_PHONE: 'Ensure phones are not duplicated across the clusters',
  DUPLICATE_NUMBER: 'Ensure internal numbers (even in different partitions) are not duplicated across clusters.',
};

/** What to do about findings of a kind; nothing where nothing is to be done. */
export function resolutionOf(kind: FindingKind): string | undefined {
  return RESOLUTIONS[kind];
}
