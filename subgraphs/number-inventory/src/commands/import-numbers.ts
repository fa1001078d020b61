/** An import of numbers: what its lines ask for, and what becomes of them. */
import type { Judgement, Verdict } from '@numberyard/kit/files/import-batch';
import type { ImportOptions, ImportRules, LineName } from '@numberyard/kit/files/import-run';
import type { NewEvent } from '@numberyard/kit/log/event';
import type { Expectation, Instant, Save, Store } from '@numberyard/kit/storage/port';
import { dialPlanProblem } from '../domain/dial-plan.js';
import { dialPlanOf } from '../domain/hierarchy.js';
import { draftOf, type Draft, type LineFields } from '../domain/import-line.js';
import { newNumber, numberId, type InventoryNumber } from '../domain/number.js';
import { editProblems } from '../domain/number-edit.js';
import type { Reason } from '../domain/refusals.js';
import { edit, type Edit } from '../domain/transitions.js';
import { numbers, saveNumber, type NumberDoc } from '../models/number.js';
import { associate, associatedProblem, associatedWith, type Associating } from './associations.js';
import { byCaller, type Caller, type Deps } from './context.js';
import { managementProblem } from './management.js';
import { numberEvent } from './number-event.js';
import { numberPlace, type NumberPlace } from './number-place.js';
import { sees } from './visible.js';

type Judged =
  | {
      readonly verdict: 'CREATED' | 'UPDATED';
      readonly number: InventoryNumber;
      readonly before?: NumberDoc;
      /** What has to be true of its place, and of the E.164 number it is associated with. */
      readonly beside: Associating;
    }
  | { readonly verdict: Exclude<Verdict, 'CREATED' | 'UPDATED'> };

/** What a node is to an import: a place, or why none. */
type Place = NumberPlace | { readonly refusal: Reason };

export function numberImport(deps: Deps, caller: Caller, options: ImportOptions): ImportRules<LineFields, Draft> {
  /** Customers by the ids of their nodes, which never change; undefined for nodes that take no numbers. */
  const customers = new Map<string, string | undefined>();
  return {
    draft: (fields) => draftOf(fields, options.node),
    async namesOf({ node, number, edit: { e164 } }): Promise<LineName[]> {
      if (!customers.has(node)) {
        const place = await numberPlace(deps, caller, node);
        customers.set(node, 'customer' in place ? place.customer : undefined);
      }
      const customer = customers.get(node);
      if (customer === undefined) return [];
      return [
        { id: `${customer}:${number}`, field: 'number', what: 'number' },
        ...(e164 ? [{ id: `${customer}:${e164}`, field: 'e164', what: 'E.164 number' }] : []),
      ];
    },
    judge: (drafts, now) => judge(deps, caller, drafts, options.existing === 'update', now),
  };
}

/** @param update whether what exists is changed, or stays as it is */
async function judge(
  deps: Deps,
  caller: Caller,
  drafts: readonly Draft[],
  update: boolean,
  now: Instant,
): Promise<Judgement> {
  const { store } = deps;
  const places = await placesOf(deps, caller, drafts);
  const known = await knownNumbers(store, places, drafts);
  const associated = await associatedAmong(store, places, drafts);
  const judged: Judged[] = [];
  for (const draft of drafts) {
    const place = places.get(draft.node);
    if (!place || 'refusal' in place) {
      judged.push({ verdict: { refused: place ? [place.refusal] : [] } });
      continue;
    }
    const id = numberId(place.customer, draft.number);
    const before = known.get(id);
    if (before) judged.push(await judgeKnown(store, caller, before, draft.edit, update, now));
    else if (associated.has(id)) judged.push({ verdict: { refused: [associatedProblem(draft.number, 'number')] } });
    else judged.push(await judgeNew(store, place, draft, now));
  }
  return { verdicts: judged.map(({ verdict }) => verdict), commit: commitOf(judged, caller, now) };
}

function commitOf(judged: readonly Judged[], caller: Caller, now: Instant): Judgement['commit'] {
  const expect = new Map<string, Expectation>();
  const saves = new Map<string, Save>();
  const events: NewEvent[] = [];
  const by = byCaller(caller);
  for (const each of judged) {
    if (!('number' in each)) continue;
    const { number, before, beside, verdict } = each;
    for (const one of beside.expect) expect.set(`${one.collection} ${one.id}`, one);
    for (const one of [saveNumber(number, before?.version ?? 0), ...beside.save])
      saves.set(`${one.collection} ${one.doc.id}`, one);
    events.push(numberEvent(verdict === 'CREATED' ? 'NumberAdded' : 'NumberChanged', number, by, now, before?.path));
  }
  return { expect: [...expect.values()], save: [...saves.values()], events };
}

async function placesOf(deps: Deps, caller: Caller, drafts: readonly Draft[]): Promise<ReadonlyMap<string, Place>> {
  const ids = [...new Set(drafts.map(({ node }) => node))];
  const found = await Promise.all(
    ids.map(async (id): Promise<[string, Place]> => {
      const place = await numberPlace(deps, caller, id);
      if ('refusal' in place) return [id, place];
      const off = await managementProblem(deps.store, place.customer, 'node');
      return [id, off ? { refusal: off } : place];
    }),
  );
  return new Map(found);
}

/** The numbers that exist, by id. */
async function knownNumbers(
  store: Store,
  places: ReadonlyMap<string, Place>,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<string, NumberDoc>> {
  const ids = drafts.flatMap(({ node, number }) => {
    const place = places.get(node);
    return place && 'customer' in place ? [numberId(place.customer, number)] : [];
  });
  const found = await store.getMany(numbers, ids);
  return new Map(found.flatMap((number) => (number ? [[number.id, number]] : [])));
}

/** Ids of the numbers that are associated with another as its E.164 number. */
async function associatedAmong(
  store: Store,
  places: ReadonlyMap<string, Place>,
  drafts: readonly Draft[],
): Promise<ReadonlySet<string>> {
  const byCustomer = new Map<string, string[]>();
  for (const { node, number } of drafts) {
    const place = places.get(node);
    if (!place || !('customer' in place)) continue;
    byCustomer.set(place.customer, [...(byCustomer.get(place.customer) ?? []), number]);
  }
  const ids = new Set<string>();
  for (const [customer, wanted] of byCustomer)
    for (const e164 of (await associatedWith(store, customer, wanted)).keys()) ids.add(numberId(customer, e164));
  return ids;
}

async function judgeNew(
  store: Store,
  place: NumberPlace,
  { number, edit: wanted }: Draft,
  now: Instant,
): Promise<Judged> {
  const made = newNumber(place, number, now);
  const misfit = dialPlanProblem(dialPlanOf(place.owner), place.home, number, 'number');
  const refused = [...(misfit ? [misfit] : []), ...editProblems(made, wanted)];
  const association = await associationOf(store, made, wanted);
  if ('refusal' in association) refused.push(association.refusal);
  if (refused.length > 0 || 'refusal' in association) return { verdict: { refused } };
  const beside = { expect: [...place.expect, ...association.expect], save: association.save };
  return { verdict: 'CREATED', number: edit(made, wanted, now)?.next ?? made, beside };
}

async function judgeKnown(
  store: Store,
  caller: Caller,
  before: NumberDoc,
  wanted: Edit,
  update: boolean,
  now: Instant,
): Promise<Judged> {
  if (!update || !sees(caller.identity, before)) return { verdict: 'EXISTING' };
  // What is shown of a number in AudioCodes cooling is not its own tag, and an export that comes back must not make it that.
  const { tag, ...others } = wanted;
  const meant = tag === undefined || tag === (before.tag ?? '') ? others : wanted;
  const refused: Reason[] = editProblems(before, meant);
  const beside = await associationOf(store, before, meant);
  if ('refusal' in beside) refused.push(beside.refusal);
  if (refused.length > 0 || 'refusal' in beside) return { verdict: { refused } };
  const changed = edit(before, meant, now);
  return changed ? { verdict: 'UPDATED', number: changed.next, before, beside } : { verdict: 'EXISTING' };
}

async function associationOf(
  store: Store,
  number: InventoryNumber,
  { e164 }: Edit,
): Promise<{ readonly refusal: Reason } | Associating> {
  return e164 && e164 !== number.e164 ? associate(store, number, e164) : { expect: [], save: [] };
}
