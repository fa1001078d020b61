/** Some lines of an import, in one commit together with how far it has come. */
import { decide } from '@numberyard/kit/commands/decide';
import { save, type Expectation, type Save, type Store } from '@numberyard/kit/storage/port';
import type { NewEvent } from '@numberyard/kit/log/event';
import { dialPlanProblem } from '../domain/dial-plan.js';
import { dialPlanOf } from '../domain/hierarchy.js';
import type { Draft } from '../domain/import-line.js';
import { newNumber, numberId, type InventoryNumber } from '../domain/number.js';
import { editProblems } from '../domain/number-edit.js';
import { reason, type Reason } from '../domain/refusals.js';
import { edit, type Edit } from '../domain/transitions.js';
import {
  imports,
  MOST_REFUSED_TOLD,
  refusedLine,
  refusedLines,
  type ImportCounts,
  type ImportDoc,
} from '../models/import.js';
import { numbers, saveNumber, type NumberDoc } from '../models/number.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { managementProblem } from './management.js';
import { numberEvent } from './number-event.js';
import { numberPlace, type NumberPlace } from './number-place.js';
import { sees } from './visible.js';

export interface BatchLine {
  readonly line: number;
  /** Hash of the import's lines up to this one. */
  readonly chain: string;
  readonly wanted: { readonly draft: Draft } | { readonly problems: readonly Reason[] };
}

export interface RefusedLine {
  readonly line: number;
  readonly errors: readonly Reason[];
}

export interface Batch {
  /** How far the import had come before. */
  readonly before: ImportDoc;
  /** At least one, unless it is the last batch. */
  readonly lines: readonly BatchLine[];
  readonly last: boolean;
  /** Whether what exists is changed, or stays as it is. */
  readonly update: boolean;
  /** Whether nothing is written. */
  readonly dryRun: boolean;
}

/** `other`: the import has come further than `before` by somebody else's doing; nothing was written. */
export type BatchOutcome =
  { readonly after: ImportDoc; readonly refused: readonly RefusedLine[] } | { readonly other: ImportDoc };

type Judged =
  | { readonly kind: 'created' | 'updated'; readonly number: InventoryNumber; readonly before?: NumberDoc }
  | { readonly kind: 'existing' }
  | { readonly kind: 'refused'; readonly errors: readonly Reason[] };

export async function importBatch(deps: Deps, caller: Caller, batch: Batch): Promise<BatchOutcome> {
  const { store } = deps;
  const { before, lines, dryRun } = batch;
  return decide<BatchOutcome>(store, async () => {
    const stored = dryRun ? before : ((await store.get(imports, before.id)) ?? before);
    if (stored.line !== before.line || stored.chain !== before.chain || stored.done)
      return { value: { other: stored } };
    const now = nowOf(deps);
    const { judged, expect } = await judge(deps, caller, batch, now);
    const refused = lines.flatMap(({ line }, index) => {
      const each = judged[index];
      return each?.kind === 'refused' ? [{ line, errors: each.errors }] : [];
    });
    const told = refused.slice(0, Math.max(0, MOST_REFUSED_TOLD - before.refused));
    const after = { ...advanced(batch, judged, now), version: stored.version };
    const value = { after, refused: told };
    if (dryRun) return { value };
    const saves: Save[] = [
      save(imports, after),
      ...told.map((each) => save(refusedLines, refusedLine(before.id, each.line, each.errors))),
    ];
    const events: NewEvent[] = [];
    const by = byCaller(caller);
    for (const each of judged) {
      if (each.kind !== 'created' && each.kind !== 'updated') continue;
      saves.push(saveNumber(each.number, each.before?.version ?? 0));
      const type = each.kind === 'created' ? 'NumberAdded' : 'NumberChanged';
      events.push(numberEvent(type, each.number, by, now, each.before?.path));
    }
    return { value, commit: { expect, save: saves, events, trusted: true } };
  });
}

function advanced({ before, lines, last }: Batch, judged: readonly Judged[], now: string): ImportDoc {
  const count = (kind: Judged['kind']) => judged.filter((each) => each.kind === kind).length;
  const end = lines.at(-1);
  const counts: ImportCounts = {
    lines: before.lines + lines.length,
    created: before.created + count('created'),
    updated: before.updated + count('updated'),
    existing: before.existing + count('existing'),
    refused: before.refused + count('refused'),
  };
  return { ...before, ...counts, ...(end && { line: end.line, chain: end.chain }), done: last, updatedAt: now };
}

async function judge(
  deps: Deps,
  caller: Caller,
  { lines, update }: Batch,
  now: string,
): Promise<{ judged: readonly Judged[]; expect: readonly Expectation[] }> {
  const { store } = deps;
  const drafts = lines.flatMap(({ wanted }) => ('draft' in wanted ? [wanted.draft] : []));
  const places = await placesOf(deps, caller, drafts);
  const idOf = ({ node, number }: Draft) => {
    const place = places.get(node);
    return place && 'customer' in place ? numberId(place.customer, number) : undefined;
  };
  const ids = drafts.map(idOf).filter((id) => id !== undefined);
  const known = new Map<string, NumberDoc>();
  for (const number of await store.getMany(numbers, ids)) if (number) known.set(number.id, number);
  const expected = new Map<string, Expectation>();
  const judged: Judged[] = [];
  for (const { wanted } of lines) {
    if ('problems' in wanted) {
      judged.push({ kind: 'refused', errors: wanted.problems });
      continue;
    }
    const place = places.get(wanted.draft.node);
    if (!place || 'refusal' in place) {
      judged.push({ kind: 'refused', errors: place ? [place.refusal] : [] });
      continue;
    }
    const before = known.get(numberId(place.customer, wanted.draft.number));
    const verdict = before
      ? await judgeKnown(store, caller, before, wanted.draft.edit, update, now)
      : await judgeNew(store, place, wanted.draft, now);
    if (verdict.kind === 'created')
      for (const each of place.expect) expected.set(`${each.collection} ${each.id}`, each);
    judged.push(verdict);
  }
  return { judged, expect: [...expected.values()] };
}

async function placesOf(
  deps: Deps,
  caller: Caller,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<string, NumberPlace | { readonly refusal: Reason }>> {
  const ids = [...new Set(drafts.map(({ node }) => node))];
  const found = await Promise.all(
    ids.map(async (id) => {
      const place = await numberPlace(deps, caller, id);
      if ('refusal' in place) return place;
      const off = await managementProblem(deps.store, place.customer, 'node');
      return off ? { refusal: off } : place;
    }),
  );
  return new Map(ids.map((id, index) => [id, found[index] as NumberPlace | { readonly refusal: Reason }]));
}

async function judgeNew(
  store: Store,
  place: NumberPlace,
  { number, edit: wanted }: Draft,
  now: string,
): Promise<Judged> {
  const made = newNumber(place, number, now);
  const misfit = dialPlanProblem(dialPlanOf(place.owner), place.home, number, 'number');
  const errors = [
    ...(misfit ? [misfit] : []),
    ...editProblems(made, wanted),
    ...(await takenProblem(store, made, wanted)),
  ];
  if (errors.length > 0) return { kind: 'refused', errors };
  return { kind: 'created', number: edit(made, wanted, now)?.next ?? made };
}

async function judgeKnown(
  store: Store,
  caller: Caller,
  before: NumberDoc,
  wanted: Edit,
  update: boolean,
  now: string,
): Promise<Judged> {
  if (!update || !sees(caller.identity, before)) return { kind: 'existing' };
  // What is shown of a number in AudioCodes cooling is not its own tag, and an export that comes back must not make it that.
  const { tag, ...others } = wanted;
  const meant = tag === undefined || tag === (before.tag ?? '') ? others : wanted;
  const errors = [...editProblems(before, meant), ...(await takenProblem(store, before, meant))];
  if (errors.length > 0) return { kind: 'refused', errors };
  const changed = edit(before, meant, now);
  return changed ? { kind: 'updated', number: changed.next, before } : { kind: 'existing' };
}

async function takenProblem(store: Store, number: InventoryNumber, { e164 }: Edit): Promise<Reason[]> {
  if (!e164) return [];
  const holder = await store.getByKey(numbers, 'byE164', [number.customer, e164]);
  if (!holder || holder.id === number.id) return [];
  return [reason('ALREADY_EXISTS', `${e164} is associated with another number of the customer.`, 'e164')];
}
