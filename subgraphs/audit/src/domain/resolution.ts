/** What to do about a finding. Of the duplicates as "Audit Number Inventory", Common Errors and Caveats, says it. */
import type { FindingKind } from './finding.js';

const RESOLUTIONS: Readonly<Partial<Record<FindingKind, string>>> = {
  SKIPPED_COOLING: 'Leave it to the next sync, or end its cooling.',
  SKIPPED_RESERVED: 'End its reservation, if what uses it is in order.',
  EXISTS_AT_CUSTOMER: 'Move the number to the site that uses it, or audit at level CUSTOMER.',
  EXISTS_AT_OTHER_SITE: 'Move the number to the site that uses it, or audit its own site as well.',
  NO_HOME: 'Correct the number of what uses it, or the location codes of the sites.',
  CHANGED_MEANWHILE: 'Run the audit again.',
  VENDOR_CONFLICT: 'Leave the number to one of the vendors.',
  CONNECTION_CONFLICT: 'Leave the number to the devices of one of the connections.',
  DUPLICATE_DEVICE_PROFILE: 'Ensure device profiles are not duplicated across the sites.',
  DUPLICATE_PHONE: 'Ensure phones are not duplicated across the clusters.',
  DUPLICATE_NUMBER: 'Ensure internal numbers (even in different partitions) are not duplicated across clusters.',
};

/** @returns nothing where nothing is to be done */
export function resolutionOf(kind: FindingKind): string | undefined {
  return RESOLUTIONS[kind];
}
