/**
 * What an audit makes of one number ("Audit Number Inventory": it "makes sure that the Status and Usage of each number aligns to the devices or services
 * configured with these matching numbers ... Number entries will not be deleted").
 */
import type { CorrectionKind } from '@numberyard/schema/internal';
import { isConsistent, markOf, type StoredNumber } from './audited-number.js';
import { AUDIOCODES, newNumber, type Instant, type NumberUse, type Usage } from './number.js';
import { shown } from './status.js';
import { changeUses, devicesAmong, MOST_DEVICES, type Change, type CoolingRule } from './transitions.js';

/** One thing that uses the number now, as its owner lists it: a registered user or a service. */
export interface ExpectedUse extends Omit<NumberUse, 'since' | 'source'> {
  readonly source: Exclude<NumberUse['source'], 'ASSIGNMENT'>;
  /** Id of the customer or site it belongs to. */
  readonly node: string;
  /** In words. */
  readonly usedBy: string;
}

/** How much of a customer is audited. */
export interface AuditScope {
  readonly level: 'CUSTOMER' | 'SITE';
  /** Id of the customer. */
  readonly customer: string;
  /** Ids of the sites, at level SITE; absent: all. */
  readonly sites?: ReadonlySet<string>;
}

/** Where a number that does not exist is made, or why it is not, as a sentence. */
export type MadeAt =
  { readonly customer: string; readonly node: string; readonly path: string } | { readonly misplaced: string };

export interface Judged {
  /** The number that is meant, its place in the inventory being known or not. */
  readonly value: string;
  /** undefined: it is not in the inventory. */
  readonly number: StoredNumber | undefined;
  /** The number's mark when it was looked at; null: it was not in the inventory then. */
  readonly mark: string | null;
  /** All that uses it besides assignments. */
  readonly expected: readonly ExpectedUse[];
  /** Where it is made when it is not in the inventory; undefined: nowhere within the scope. */
  readonly home: MadeAt | undefined;
}

export interface Judgement {
  readonly kind: CorrectionKind;
  /** Absent where nothing is changed. The event of a number that is made is `NumberAdded`. */
  readonly change?: Change;
  /** Why, as a sentence; absent where there is nothing to say. */
  readonly reason?: string;
}

/** What is to become of a number now; nothing is where it is right, held back, out of scope or has changed since it was looked at. */
export function judge(judged: Judged, scope: AuditScope, now: Instant, rule: CoolingRule): Judgement {
  const { number, mark, expected } = judged;
  if (!number) return judgeMissing(judged, now, rule);
  if (!isAudited(scope, number.node)) {
    if (!expected.some(({ node }) => isAudited(scope, node))) return { kind: 'OUT_OF_SCOPE' };
    return number.node === scope.customer
      ? { kind: 'EXISTS_AT_CUSTOMER', reason: 'The number is at the customer, which is not audited at site level.' }
      : { kind: 'EXISTS_AT_OTHER_SITE', reason: 'The number is at a site that is not audited.' };
  }
  const wrong = differs(number, expected);
  const { status } = shown(number);
  const isHeld = status === 'COOLING' || status === 'RESERVED';
  if (!wrong && !(isHeld && expected.length > 0)) return { kind: 'UNCHANGED' };
  if (wrong && markOf(number) !== mark) return { kind: 'CHANGED_MEANWHILE', reason: CHANGED };
  // "Numbers that are in a Cooling or Reserved state will not be audited" (Audit Number Inventory, Common Errors and Caveats).
  if (status === 'COOLING') return { kind: 'SKIPPED_COOLING', reason: 'The number is Cooling.' };
  if (status === 'RESERVED') return { kind: 'SKIPPED_RESERVED', reason: 'The number is Reserved.' };
  const change = corrected(number, expected, now, rule);
  return { ...KIND_OF[shown(change.next).status](number), change };
}

/** Whether numbers of a node are audited: at level CUSTOMER those of the customer and of its sites, at level SITE those of the sites that are meant. */
export function isAudited({ level, customer, sites }: AuditScope, node: string): boolean {
  return level === 'CUSTOMER' || (node !== customer && (sites?.has(node) ?? true));
}

/** Several vendors or connections among the uses of a number: the earliest use's is shown. */
export function conflictsOf(uses: readonly NumberUse[]): ('VENDOR_CONFLICT' | 'CONNECTION_CONFLICT')[] {
  const vendors = new Set(uses.map(({ vendor }) => vendor));
  const connections = new Set(uses.flatMap(({ connection }) => connection ?? []));
  return [
    ...(vendors.size > 1 ? (['VENDOR_CONFLICT'] as const) : []),
    ...(connections.size > 1 ? (['CONNECTION_CONFLICT'] as const) : []),
  ];
}

const CHANGED = 'The number changed after it was looked at; nothing is overwritten.';

function judgeMissing({ value, mark, expected, home }: Judged, now: Instant, rule: CoolingRule): Judgement {
  if (expected.length === 0) return { kind: 'UNCHANGED' };
  if (!home) return { kind: 'OUT_OF_SCOPE' };
  if (mark !== null)
    return {
      kind: 'CHANGED_MEANWHILE',
      reason: 'The number was deleted after it was looked at; nothing is made again.',
    };
  if ('misplaced' in home) return { kind: 'NO_HOME', reason: home.misplaced };
  const add = expected.map((use) => useOf(use, now));
  const made = changeUses(newNumber(home, value, now), { add, remove: [] }, now, rule);
  if (!made) throw new Error(`${value} is used and nothing came of it`);
  return {
    kind: 'CREATED',
    change: { next: made.next, event: 'NumberAdded' },
    reason: 'The number was not in the inventory.',
  };
}

/** Whether what is kept of a number is not what uses it; assignments are the inventory's own and always right, and of very many devices some are kept. */
function differs(number: StoredNumber, expected: readonly ExpectedUse[]): boolean {
  const have = number.uses.filter((use) => use.source !== 'ASSIGNMENT');
  const isFull = devicesAmong(have) >= MOST_DEVICES;
  const kept = byUse(have);
  const wanted = byUse(expected);
  return (
    have.some((use) => !isAlike(use, wanted.get(keyOf(use)))) ||
    expected.some((use) => !kept.has(keyOf(use)) && !(isFull && use.source === 'REGISTERED_USER')) ||
    !isConsistent(number)
  );
}

/** The uses of a number made those that are expected, its assignments kept. A use that goes on stays as old as it is. */
function corrected(number: StoredNumber, expected: readonly ExpectedUse[], now: Instant, rule: CoolingRule): Change {
  const have = number.uses.filter((use) => use.source !== 'ASSIGNMENT');
  const kept = byUse(have);
  const wanted = byUse(expected);
  const remove = have.filter((use) => !isAlike(use, wanted.get(keyOf(use))));
  const add = expected
    .filter((use) => !isAlike(use, kept.get(keyOf(use))))
    .map((use) => useOf(use, kept.get(keyOf(use))?.since ?? now));
  return changeUses(number, { add, remove }, now, rule) ?? shownAnew(number, now, rule);
}

/** A number whose uses are right and whose status, as stored, is not: one that is marked Used and has no use loses one, as after any last use. */
function shownAnew(number: StoredNumber, now: Instant, rule: CoolingRule): Change {
  if (number.uses.length > 0)
    return { next: { ...number, updatedAt: now }, event: isInUse(number) ? 'NumberChanged' : 'NumberUsed' };
  const [usage] = number.usage;
  const lost = isInUse(number) && usage !== undefined ? lostUse(usage, number, now) : undefined;
  const change = lost && changeUses({ ...number, uses: [lost] }, { add: [], remove: [lost] }, now, rule);
  return change ?? { next: { ...number, updatedAt: now }, event: 'NumberFreed' };
}

/** What a number that is marked Used must have been used by, as far as it tells. */
function lostUse(usage: Usage, { vendor }: StoredNumber, since: Instant): NumberUse {
  const source = vendor === AUDIOCODES ? 'REGISTERED_USER' : 'SERVICE';
  return { source, ref: '', usage, since, ...(vendor !== undefined && { vendor }) };
}

const inUse = (before: StoredNumber): Judgement =>
  isInUse(before)
    ? { kind: 'USES_CORRECTED', reason: 'The uses kept of the number were others.' }
    : { kind: 'MARKED_USED', reason: 'The number was Available.' };

/** By the status a number comes to have. */
const KIND_OF: Readonly<Record<ReturnType<typeof shown>['status'], (before: StoredNumber) => Judgement>> = {
  USED: inUse,
  USED_UTILITY: inUse,
  COOLING: () => ({ kind: 'COOLED', reason: 'The number was marked Used; it cools, as after any last use.' }),
  AVAILABLE: () => ({ kind: 'FREED', reason: 'The number was marked Used.' }),
  RESERVED: () => {
    throw new Error('a Reserved number is not corrected');
  },
};

function isInUse({ status }: StoredNumber): boolean {
  return status === 'USED' || status === 'USED_UTILITY';
}

function useOf({ source, ref, usage, vendor, connection }: ExpectedUse, since: Instant): NumberUse {
  return {
    source,
    ref,
    usage,
    since,
    ...(vendor !== undefined && { vendor }),
    ...(connection !== undefined && { connection }),
  };
}

function byUse<U extends Pick<NumberUse, 'source' | 'ref'>>(uses: readonly U[]): ReadonlyMap<string, U> {
  return new Map(uses.map((use) => [keyOf(use), use]));
}

function keyOf({ source, ref }: Pick<NumberUse, 'source' | 'ref'>): string {
  return `${source} ${ref}`;
}

/** Of two uses of the same source and reference. */
function isAlike(a: Omit<NumberUse, 'since'>, b: Omit<NumberUse, 'since'> | undefined): boolean {
  return b !== undefined && a.usage === b.usage && a.vendor === b.vendor;
}
