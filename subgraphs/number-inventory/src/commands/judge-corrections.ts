/** What a batch of corrections comes to now: the numbers, the nodes and the rules are read, and each number is judged. */
import { asRead, PAGE_LIMIT, type Expectation, type Save, type Store } from '@numberyard/kit/storage/port';
import type { NewEvent } from '@numberyard/kit/log/event';
import type {
  Correction,
  CorrectedNumber,
  CorrectionAnswer,
  CorrectionBatch,
  ListedUse,
  ShownNumber,
} from '@numberyard/schema/internal';
import { conflictsOf, judge, type AuditScope, type ExpectedUse } from '../domain/correction.js';
import { dialPlanOf } from '../domain/hierarchy.js';
import { numberId, type InventoryNumber, type NumberUse, type Usage } from '../domain/number.js';
import { shown, type Shown } from '../domain/status.js';
import { nodes, type NodeDoc } from '../models/node.js';
import { numbers, saveNumber, type NumberDoc } from '../models/number.js';
import { alsoAssociated, associatedWith } from './associations.js';
import { AuditHomes, type Missing } from './audit-homes.js';
import { byWorker, nowOf, type Deps } from './context.js';
import { coolingRules } from './cooling-rules.js';
import { numberEvent } from './number-event.js';

/** Uses named in one sentence. */
const MOST_NAMED = 5;
/** Of what is named, characters. */
const LONGEST_NAMED = 200;

export interface JudgedBatch {
  readonly answer: Extract<CorrectionAnswer, { state: 'DONE' | 'REFUSED' }>;
  /** What is written when it is not only to be told: empty where nothing changes. */
  readonly save: readonly Save[];
  readonly events: readonly NewEvent[];
  readonly expect: readonly Expectation[];
}

/** @param uses the registered users that have one of the numbers now */
export async function judgeCorrections(
  deps: Pick<Deps, 'store' | 'clock'>,
  batch: CorrectionBatch,
  uses: readonly ListedUse[],
): Promise<JudgedBatch> {
  const { store } = deps;
  const expected = expectedUses(batch, uses);
  const places = await nodesById(store, [batch.customer, ...[...expected.values()].flat().map(({ node }) => node)]);
  const customer = places.get(batch.customer);
  if (customer?.type !== 'CUSTOMER')
    throw new Error(`${batch.customer}, whose numbers are to be corrected, is no customer`);
  const refused = refusalOf(customer, batch);
  if (refused) return { answer: refused, save: [], events: [], expect: [] };

  const found = await store.getMany(
    numbers,
    batch.numbers.map(({ number }) => numberId(customer.id, number)),
  );
  const scope = scopeOf(batch);
  const missing = missingOf(batch, found, expected);
  const homes = await AuditHomes.load(store, { customer, scope, places }, missing);
  const associated = await associatedWith(
    store,
    customer.id,
    missing.map(({ number }) => number),
  );
  const rules = await coolingRules(deps, [...found.flatMap((number) => number?.path ?? []), ...homes.paths]);
  const now = nowOf(deps);
  const by = byWorker('audit', 'Audit Number Inventory', `audit:${batch.run}`);
  const corrections: Correction[] = [];
  const save: Save[] = [];
  const events: NewEvent[] = [];
  for (const [index, { number: value, mark }] of batch.numbers.entries()) {
    const number = found[index];
    const here = expected.get(value) ?? [];
    const home = homes.of(value);
    const path = number?.path ?? (home && 'path' in home ? home.path : customer.path);
    const { kind, change, reason } = judge({ value, number, mark, expected: here, home }, scope, now, rules(path));
    if (change) {
      save.push(saveNumber(change.next, number?.version ?? 0));
      events.push(numberEvent(change.event, change.next, by, now));
    }
    const after = change?.next ?? number;
    const other = kind === 'CREATED' ? associated.get(value) : undefined;
    corrections.push({
      number: value,
      id: numberId(customer.id, value),
      path,
      kind,
      before: number ? shownNumber(number, number) : null,
      after: change ? shownNumber(change.next, shown(change.next)) : null,
      cause: [usedBy(here, number), reason, other && alsoAssociated(other.number)].filter(Boolean).join(' '),
      conflicts: kind === 'OUT_OF_SCOPE' || !after ? [] : conflictsOf(after.uses),
    });
  }
  const expect = [asRead(nodes, customer), ...homes.expect.filter(({ id }) => id !== customer.id)];
  return { answer: { state: 'DONE', corrections }, save, events, expect };
}

/** "You cannot run Audit Number Inventory if number management has been disabled for the customer" (Audit Number Inventory). */
function refusalOf(
  customer: NodeDoc,
  { level }: CorrectionBatch,
): Extract<CorrectionAnswer, { state: 'REFUSED' }> | undefined {
  const { name } = customer;
  if (customer.numberManagement === false) {
    const message = `Number management is switched off for ${name}.`;
    return { state: 'REFUSED', code: 'NUMBER_MANAGEMENT_OFF', message };
  }
  if (level === 'SITE' || dialPlanOf(customer) === 'FLAT') return undefined;
  const message = `The dial plan of ${name} has site location codes, so its numbers are audited at site level only.`;
  return { state: 'REFUSED', code: 'DIAL_PLAN', message };
}

function scopeOf({ level, customer, sites }: CorrectionBatch): AuditScope {
  return { level, customer, ...(level === 'SITE' && sites && { sites: new Set(sites) }) };
}

/** By number: registered users and services, in the order of their references. */
function expectedUses(batch: CorrectionBatch, uses: readonly ListedUse[]): ReadonlyMap<string, readonly ExpectedUse[]> {
  const byNumber = new Map(batch.numbers.map(({ number, services }) => [number, services.map(serviceUse)]));
  for (const { number, ref, usage, vendor, connection, node, usedBy } of uses) {
    const use = { source: 'REGISTERED_USER', ref, usage: usage as Usage, connection, node, usedBy } as const;
    byNumber.get(number)?.push({ ...use, ...(vendor !== null && { vendor }) });
  }
  return byNumber;
}

function serviceUse({ ref, usage, vendor, node, usedBy }: CorrectedNumber['services'][number]): ExpectedUse {
  return { source: 'SERVICE', ref, usage: usage as Usage, node, usedBy, ...(vendor !== null && { vendor }) };
}

function missingOf(
  batch: CorrectionBatch,
  found: readonly (NumberDoc | undefined)[],
  expected: ReadonlyMap<string, readonly ExpectedUse[]>,
): Missing[] {
  return batch.numbers.flatMap(({ number }, index) => {
    const here = expected.get(number) ?? [];
    return found[index] || here.length === 0 ? [] : [{ number, expected: here }];
  });
}

async function nodesById(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, NodeDoc>> {
  const wanted = [...new Set(ids)];
  const found = new Map<string, NodeDoc>();
  for (let from = 0; from < wanted.length; from += PAGE_LIMIT) {
    for (const node of await store.getMany(nodes, wanted.slice(from, from + PAGE_LIMIT)))
      if (node) found.set(node.id, node);
  }
  return found;
}

function shownNumber(
  { node }: InventoryNumber,
  { status, usage, vendor, releaseDate }: Pick<Shown, 'status' | 'usage' | 'vendor' | 'releaseDate'>,
): ShownNumber {
  return { status, usage, vendor: vendor ?? null, releaseDate: releaseDate ?? null, node };
}

/** What uses a number, as a sentence. */
function usedBy(expected: readonly ExpectedUse[], number: NumberDoc | undefined): string {
  const assigned = (number?.uses ?? []).filter((use) => use.source === 'ASSIGNMENT').map(assignment);
  const all = [...expected.map((use) => use.usedBy), ...assigned].map((each) => each.slice(0, LONGEST_NAMED));
  if (all.length === 0) return 'Nothing uses it.';
  const more = all.length - MOST_NAMED;
  return `Used by ${all.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

function assignment({ ref }: NumberUse): string {
  return `assignment ${ref}`;
}
