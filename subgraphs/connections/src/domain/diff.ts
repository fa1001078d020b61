/** A page of the listing against the mirror: what would have to be written for the mirror to say what the page says. */
import type { Instant } from '@numberyard/kit/storage/port';
import type { RegisteredUserChange } from '@numberyard/schema/events';
import { issues, type FoundIssue } from './issue.js';
import type { SyncOperation } from './items.js';
import { isSame, mirrored, type ListedUser, type RegisteredUser } from './registered-user.js';
import { meetsAll, type SyncFilterCondition } from './sync-filter.js';

/** A listed user, its id in the mirror and what the mirror holds of it. */
export interface Pair {
  readonly listed: ListedUser;
  readonly ref: string;
  readonly old: RegisteredUser | undefined;
}

/** One step towards the mirror being true. */
export type MirrorStep =
  | { readonly kind: 'added' | 'updated'; readonly user: RegisteredUser; readonly change?: RegisteredUserChange }
  | { readonly kind: 'removed'; readonly user: RegisteredUser; readonly change?: RegisteredUserChange };

export interface PageDiff {
  readonly steps: readonly MirrorStep[];
  readonly unchanged: number;
  readonly issues: readonly FoundIssue[];
}

export interface DiffRules {
  readonly connection: string;
  readonly operations: readonly SyncOperation[];
  /** Nodes (SBCs) that are locked or out of sync: what is said of their users means nothing. */
  readonly frozen: ReadonlySet<string>;
  /** Users that are listed as one outside it are left as they are. */
  readonly filter: readonly SyncFilterCondition[];
  readonly now: Instant;
}

export function diffPage(pairs: readonly Pair[], rules: DiffRules): PageDiff {
  const steps: MirrorStep[] = [];
  const found: FoundIssue[] = [];
  for (const pair of pairs) {
    if (isFrozen(pair, rules.frozen) || !meetsAll(rules.filter, pair.listed)) continue;
    if (pair.listed.number === undefined) found.push(issues.notANumber(pair.listed.aor));
    const step = stepFor(pair, rules);
    if (step) steps.push(step);
  }
  return { steps, unchanged: pairs.length - steps.length, issues: found };
}

function isFrozen({ listed, old }: Pair, frozen: ReadonlySet<string>): boolean {
  return frozen.has(listed.sbc) || (old !== undefined && frozen.has(old.sbc));
}

function stepFor({ listed, ref, old }: Pair, rules: DiffRules): MirrorStep | undefined {
  const kind = old ? 'updated' : 'added';
  if (!rules.operations.includes(old ? 'UPDATE' : 'ADD')) return undefined;
  if (old && isSame(old, listed)) return undefined;
  const user = mirrored(listed, ref, rules.connection, old?.version ?? 0, rules.now);
  return { kind, user, ...changeOf(ref, old?.inUse, user.inUse) };
}

/** Forget a mirrored user. */
export function removal(user: RegisteredUser): MirrorStep {
  return { kind: 'removed', user, ...changeOf(user.id, user.inUse, undefined) };
}

function changeOf(
  ref: string,
  before: string | undefined,
  after: string | undefined,
): { change?: RegisteredUserChange } {
  return before === after ? {} : { change: { ref, before: before ?? null, after: after ?? null } };
}
