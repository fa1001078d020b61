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
