/**
 * What the mirrored registered users mean for the numbers ("AudioCodes Device Number Integration": workflows keep the inventory aligned "in accordance
 * with updates to changes (add, delete, update) to AudioCodes RegisteredUsers").
 */
import type { LoggedEvent, NewEvent } from '@numberyard/kit/log/event';
import type { Commit, Store } from '@numberyard/kit/storage/port';
import { entity, event, fieldsOf } from '@numberyard/schema/events';
import type {
  RegisteredUserChange,
  RegisteredUsersChangedFields,
  SyncBatchAppliedFields,
} from '@numberyard/schema/events';
import { AUDIOCODES, newNumber, numberId, type InventoryNumber, type NumberUse } from '../domain/number.js';
import { MOST_DEVICES, useConflict, type UseChanges } from '../domain/transitions.js';
import type { NodeDoc } from '../models/node.js';
import { alsoAssociated, associatedWith } from './associations.js';
import { connectionPlaces, expectOwners, NumberHomes, type ConnectionPlace, type Placed } from './connection-places.js';
import { byWorker, nowOf, type By, type Deps } from './context.js';
import { noted } from './owed-uses.js';
import { WorkingNumbers } from './working-numbers.js';

/** Types of the connections' events that are followed. */
export const FOLLOWED_TYPES = ['RegisteredUsersChanged', 'SyncRunApplying'];

/** Issues told by one event, so that it stays within the size of an event: with the longest reference and vendor one has some 700 characters. */
const ISSUES_PER_EVENT = 30;

type Issue = SyncBatchAppliedFields['issues'][number];

/** The effect of some events, in order, as one commit; undefined when they change nothing. */
export async function applyConnectionsEvents(
  deps: Pick<Deps, 'store' | 'clock'>,
  logged: readonly LoggedEvent[],
): Promise<Commit | undefined> {
  const changed = logged.flatMap((each) => fieldsOf(each, 'RegisteredUsersChanged') ?? []);
  const places = await connectionPlaces(
    deps.store,
    changed.map((fields) => fields.node),
  );
  const managed = [...places.values()].filter((place) => place.numberManagement);
  const working = await WorkingNumbers.load(deps.store, idsOf(changed, places));
  const made = madeBy(changed, places, working);
  const homes = await NumberHomes.load(deps.store, made);
  await working.readRules(deps.store, homes.paths);
  const associated = await associatedOf(deps.store, made);
  const owing = new Set<string>();
  const now = nowOf(deps);
  const reports: NewEvent[] = [];
  for (const each of logged) {
    const place = { path: each.path, time: now };
    const users = fieldsOf(each, 'RegisteredUsersChanged');
    if (users) {
      const at = places.get(users.node);
      const effect = applyChanges({ working, homes, associated }, users, at, now);
      if (at && effect.misplaced) owing.add(at.customer);
      reports.push(...reportOf(users, effect, place));
    }
    const applying = fieldsOf(each, 'SyncRunApplying');
    if (applying) {
      const { connection, run } = applying;
      reports.push(event('SyncRunApplied', { connection, run }, { ...report(run), ...place }));
    }
  }
  const written = working.written();
  const events = [...written.events, ...reports];
  if (events.length === 0) return undefined;
  const expect = [...expectOwners(managed), ...homes.expect];
  return { expect, save: [...written.save, ...(await noted(deps.store, [...owing]))], events, trusted: true };
}

/** Who changes numbers on behalf of a run, as their history tells it. */
export function bySync(run?: string): By {
  return byWorker('sync', 'AudioCodes sync', run === undefined ? undefined : `sync:${run}`);
}

export function registeredUserUse(ref: string, connection: string, since: string): NumberUse {
  return { source: 'REGISTERED_USER', ref, usage: 'DEVICE', vendor: AUDIOCODES, since, connection };
}

interface Effect {
  readonly counts: { numbersCreated: number; numbersUsed: number; numbersCooling: number; numbersReturned: number };
  readonly issues: Issue[];
  /** Whether a number was not made because it has no home. */
  readonly misplaced: boolean;
}

/** What a batch works with. */
interface Batch {
  readonly working: WorkingNumbers;
  readonly homes: NumberHomes;
  /** By the ids of numbers that may have to be made: the number it is associated with as its E.164 number. */
  readonly associated: ReadonlyMap<string, string>;
}

function applyChanges(
  { working, homes, associated }: Batch,
  fields: RegisteredUsersChangedFields,
  place: ConnectionPlace | undefined,
  now: string,
): Effect {
  const { connection, run, changes } = fields;
  const counts = { numbersCreated: 0, numbersUsed: 0, numbersCooling: 0, numbersReturned: 0 };
  if (!place) return { counts, issues: [homeless(fields.node)], misplaced: false };
  if (!place.numberManagement) return { counts, issues: [managementOff(place, changes.length)], misplaced: false };
  const issues: Issue[] = [];
  let misplaced = false;
  for (const [number, refs] of refsByNumber(changes)) {
    const id = numberId(place.customer, number);
    const uses = useChanges(refs, connection, now);
    const known = working.get(id) !== undefined;
    if (!known && uses.add.length === 0) continue;
    if (!known) {
      const home = homes.of({ place, number });
      if ('misplaced' in home) {
        issues.push({ kind: 'NUMBER_MISPLACED', subject: number, message: home.misplaced });
        misplaced = true;
        continue;
      }
      working.add(newNumber(at(place, home.node), number, now), uses, bySync(run), now);
      counts.numbersCreated += 1;
      counts.numbersUsed += 1;
      const other = associated.get(id);
      if (other !== undefined) issues.push(associatedIssue(number, other));
      if (lacks(working.get(id), uses)) issues.push(crowdedIssue(number));
      continue;
    }
    const change = working.changeUses(id, uses, bySync(run), now);
    if (lacks(working.get(id), uses)) issues.push(crowdedIssue(number));
    if (!change) continue;
    if (change.event === 'NumberUsed') counts.numbersUsed += 1;
    if (change.event === 'NumberCoolingStarted') counts.numbersCooling += 1;
    if (change.event === 'NumberReturned') counts.numbersReturned += 1;
    const conflict = uses.add.length > 0 ? useConflict(change.next, connection) : undefined;
    if (conflict) issues.push({ ...conflict, subject: number });
  }
  return { counts, issues, misplaced };
}

/** Whether devices are not kept with a number, because it has too many. */
function lacks(number: InventoryNumber | undefined, { add }: UseChanges): boolean {
  const kept = new Set(number?.uses.map(({ ref }) => ref));
  return add.some(({ ref }) => !kept.has(ref));
}

/** Where a number lives, as the number tells it. */
export function at(place: ConnectionPlace, home: NodeDoc) {
  return { customer: place.customer, node: home.id, path: home.path };
}

/** For each number the users that have it at the end (true) and those that have had it (false); a later change of a user wins over an earlier one. */
function refsByNumber(changes: readonly RegisteredUserChange[]): Map<string, Map<string, boolean>> {
  const numbers = new Map<string, Map<string, boolean>>();
  const note = (number: string, ref: string, there: boolean) => {
    const refs = numbers.get(number);
    if (refs) refs.set(ref, there);
    else numbers.set(number, new Map([[ref, there]]));
  };
  for (const { ref, before, after } of changes) {
    if (before !== null && before !== after) note(before, ref, false);
    if (after !== null) note(after, ref, true);
  }
  return numbers;
}

function useChanges(refs: ReadonlyMap<string, boolean>, connection: string, now: string): UseChanges {
  const add: NumberUse[] = [];
  const remove: Pick<NumberUse, 'source' | 'ref'>[] = [];
  for (const [ref, there] of refs) {
    if (there) add.push(registeredUserUse(ref, connection, now));
    else remove.push({ source: 'REGISTERED_USER', ref });
  }
  return { add, remove };
}

function idsOf(
  changed: readonly RegisteredUsersChangedFields[],
  places: ReadonlyMap<string, ConnectionPlace>,
): Set<string> {
  const ids = new Set<string>();
  for (const { node, changes } of changed) {
    const place = places.get(node);
    if (!place?.numberManagement) continue;
    for (const { before, after } of changes) {
      if (before !== null) ids.add(numberId(place.customer, before));
      if (after !== null) ids.add(numberId(place.customer, after));
    }
  }
  return ids;
}

/** Numbers that may have to be made: those that users have now and that do not exist. */
function madeBy(
  changed: readonly RegisteredUsersChangedFields[],
  places: ReadonlyMap<string, ConnectionPlace>,
  working: WorkingNumbers,
): Placed[] {
  return changed.flatMap(({ node, changes }) => {
    const place = places.get(node);
    if (!place?.numberManagement) return [];
    return changes.flatMap(({ after }) => {
      const isNew = after !== null && !working.get(numberId(place.customer, after));
      return isNew ? [{ place, number: after }] : [];
    });
  });
}

async function associatedOf(store: Store, made: readonly Placed[]): Promise<Map<string, string>> {
  const byCustomer = new Map<string, string[]>();
  for (const { place, number } of made)
    byCustomer.set(place.customer, [...(byCustomer.get(place.customer) ?? []), number]);
  const others = new Map<string, string>();
  for (const [customer, numbers] of byCustomer)
    for (const [e164, { number }] of await associatedWith(store, customer, numbers))
      others.set(numberId(customer, e164), number);
  return others;
}

/** What is told of a batch: nothing when nothing came of it. */
function reportOf(
  { connection, run }: RegisteredUsersChangedFields,
  { counts, issues }: Effect,
  place: { readonly path: string; readonly time: string },
): NewEvent[] {
  const none = { numbersCreated: 0, numbersUsed: 0, numbersCooling: 0, numbersReturned: 0 };
  const events: NewEvent[] = [];
  const isCounted = Object.values(counts).some((count) => count > 0);
  for (let from = 0; from < issues.length || (from === 0 && isCounted); from += ISSUES_PER_EVENT) {
    const told = {
      connection,
      run,
      ...(from === 0 ? counts : none),
      issues: issues.slice(from, from + ISSUES_PER_EVENT),
    };
    events.push(event('SyncBatchApplied', told, { ...report(run), ...place }));
  }
  return events;
}

function report(run: string) {
  return { retention: 'passing', entity: entity.run(run), ...bySync(run) } as const;
}

function homeless(node: string): Issue {
  return {
    kind: 'NUMBER_MISPLACED',
    subject: node,
    message: 'The connection belongs to no customer, so its numbers have no inventory.',
  };
}

/** A device is not refused: its number is made, and the association is left to whoever made it. */
function associatedIssue(number: string, other: string): Issue {
  return { kind: 'NUMBER_ASSOCIATED', subject: number, message: alsoAssociated(other) };
}

function crowdedIssue(number: string): Issue {
  return {
    kind: 'NUMBER_USED_BY_OTHER',
    subject: number,
    message: `More than ${MOST_DEVICES} devices have the number; those above are not kept with it.`,
  };
}

function managementOff({ owner }: ConnectionPlace, count: number): Issue {
  return {
    kind: 'NUMBER_MANAGEMENT_OFF',
    subject: owner.name,
    message: `Number management is off for ${owner.name}; ${count} ${count === 1 ? 'change was' : 'changes were'} left alone.`,
  };
}
