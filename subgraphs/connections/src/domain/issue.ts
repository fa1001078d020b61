/** Issues of a run: what it met that a person should look at, though it went on. */
import type { Doc, Instant } from '@numberyard/kit/storage/port';

export type SyncIssueKind =
  | 'NOT_A_NUMBER'
  | 'NODE_NOT_IN_SYNC'
  | 'LISTING_INCOMPLETE'
  | 'REMOVAL_NOT_CONFIRMED'
  | 'NUMBER_RESERVED'
  | 'NUMBER_USED_BY_OTHER'
  | 'NUMBER_MANAGEMENT_OFF'
  | 'NUMBER_MISPLACED'
  | 'NUMBER_ASSOCIATED';

export interface SyncIssue extends Doc {
  readonly run: string;
  readonly kind: SyncIssueKind;
  readonly subject?: string;
  readonly message: string;
  readonly time: Instant;
}

/** An issue as it is found. */
export interface FoundIssue {
  readonly kind: SyncIssueKind;
  readonly subject?: string;
  readonly message: string;
}

/** Issues of one kind that are kept of a run; all are counted. A million users without a number must not become a million documents a night. */
export const MOST_KEPT_PER_KIND = 1_000;

/** Issues of number-inventory's answers that are kept of a run before the rest is only counted. */
export const MOST_KEPT_OF_ANSWERS = 5_000;

export const issues = {
  notANumber: (aor: string): FoundIssue => ({
    kind: 'NOT_A_NUMBER',
    subject: aor,
    message: `The user part of ${aor} is no number; the user is mirrored and uses none.`,
  }),
  nodeNotInSync: (name: string): FoundIssue => ({
    kind: 'NODE_NOT_IN_SYNC',
    subject: name,
    message: `${name} is locked or out of sync at the Routing Manager; its registered users stay as they were.`,
  }),
  listingIncomplete: (reason: string): FoundIssue => ({
    kind: 'LISTING_INCOMPLETE',
    message: `${reason} Nobody was removed.`,
  }),
  removalNotConfirmed: (aor: string): FoundIssue => ({
    kind: 'REMOVAL_NOT_CONFIRMED',
    subject: aor,
    message: `${aor} is missing from the listing but is there when asked for; it stays.`,
  }),
};
