/**
 * Every way into the graph, for every role, at a caller's own node, below, beside and above it. What each has to answer follows from two things: the table of
 * operations and powers, and that a caller sees its node and what is below, and of what is above a short form.
 */
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { representative } from '@numberyard/kit/testing/representative';
import { OPERATION_POWERS, powersFor } from '@numberyard/schema/operation-powers';
import { hasPower, POWERS, RIGHTS, ROLES } from '@numberyard/schema/rights';
import type { ExecutionResult } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operationsOf, type Address, type Operation } from '../src/rights/calls.js';
import { leaks } from '../src/rights/leaks.js';
import { openPlaces, type Place, type PlaceName, type Places } from '../src/rights/places.js';
import { BESIDE, nowhere, REFUSED, SHORT_FORM, STREAMED, UNSEEN } from '../src/rights/samples.js';
import { Things } from '../src/rights/things.js';

/** Where the callers are: with something below, beside and above them. */
const CALLERS: readonly PlaceName[] = ['customer', 'site'];

/** Kinds that a stream is narrowed to one of. */
const NARROWING: readonly string[] = ['AudioCodesConnection', 'AuditRun'];

/** What an id that was given is shown as. */
const GIVEN = 'the id given';

let places: Places;
let things: Things;
let operations: readonly Operation[];

beforeAll(async () => {
  places = await openPlaces();
  things = await Things.fill(places);
  operations = operationsOf(places);
});
afterAll(() => places?.close());

/** What the table says there is; the schema has to agree. */
const named = (['Query', 'Entity', 'Field', 'Subscription', 'Mutation'] as const).flatMap((door) =>
  Object.keys(OPERATION_POWERS[door]).map((name) => [door, name] as const),
);

function needOf(door: keyof typeof OPERATION_POWERS, name: string): unknown {
  return Object.entries(OPERATION_POWERS[door]).find(([named]) => named === name)?.[1];
}

test('the table names what the schema has, and nothing else', () => {
  const there = operations.map(({ door, name }) => `${door} ${name}`);
  expect(there.sort()).toEqual(named.map(([door, name]) => `${door} ${name}`).sort());
});

test('a cursor of another node tells nothing', async () => {
  const stranger = places.identity('CUSTOMER_ADMIN', [], places.place('sibling'));
  for (const operation of operations.filter(({ isPaged }) => isPaged)) {
    const { data } = await run(operation, stranger, undefined, { first: 1 });
    const cursor = (bare(data) as { pageInfo: { endCursor: string } }).pageInfo.endCursor;
    expect(cursor).toEqual(expect.any(String));
    for (const { caller, missing } of callersOf(operation)) {
      if (missing) continue;
      const told = await run(operation, caller, undefined, { after: cursor });
      expect([operation.name, caller.label, leaks(places, caller, told)]).toEqual([operation.name, caller.label, []]);
    }
  }
});

/** Who may do what is decided before a store is asked, so operations of one need behave alike on every engine. */
const tried = representative(named, ([door, name]) => JSON.stringify([door, needOf(door, name)]));

describe.each(tried)('%s %s', (door, name) => {
  const operation = () => operations.find((one) => one.door === door && one.name === name) as Operation;

  test('is forbidden to whoever lacks the power, in the same words and without a look at anything', async () => {
    const { need } = operation();
    const flags = typeof need === 'string' ? [] : Object.keys(need.with);
    const callers = [[], ...flags.map((flag) => [flag])].flatMap((given) => callersOf(operation(), given));
    for (const { caller, missing, given } of callers) {
      if (!missing) continue;
      for (const target of [...targetsOf(operation()), undefined]) {
        const told = await call(operation(), caller, target, given);
        expect([caller.label, told.errors]).toEqual([
          caller.label,
          [{ message: `This key (${caller.role}) may not ${POWERS[missing].title}.`, code: 'FORBIDDEN' }],
        ]);
        expect(bare(told.data)).toBeNull();
        expect(told.calls).toEqual([]);
        expect(told.hasChanged).toBe(false);
      }
    }
  });

  test('answers for what is out of sight as for what does not exist, with the same work', async () => {
    for (const { caller, missing } of callersOf(operation())) {
      if (missing) continue;
      for (const target of targetsOf(operation())) {
        if (sightOf(caller, target) !== 'NONE') continue;
        const hidden = await call(operation(), caller, target);
        const missing = await call(operation(), caller, { ...target, id: nowhere(target.address.kind) });
        expect([caller.label, target.place.name, hidden]).toEqual([caller.label, target.place.name, missing]);
        expect(hidden.hasChanged).toBe(false);
        if (door === 'Mutation') expect(codesOf(hidden.data).some((code) => UNSEEN.includes(code))).toBe(true);
        else
          expect([target.place.name, hidden.errors.length > 0 || isNothing(bare(hidden.data))]).toEqual([
            target.place.name,
            true,
          ]);
      }
    }
  });

  test('works for whoever has the power, on what it sees, and tells of nothing else', async () => {
    let isDone = false;
    for (const { caller, missing } of callersOf(operation())) {
      if (missing) continue;
      for (const target of [...targetsOf(operation()), undefined]) {
        if (target && sightOf(caller, target) === 'NONE') continue;
        if (!target && operation().addresses.some(isRequired(operation()))) continue;
        const told = await call(operation(), caller, target && (await ownOf(operation(), target)));
        const where = `${caller.label} ${target?.place.name}`;
        if (target && !mayAskBy(caller, target.address)) {
          expect([where, told.errors]).toMatchObject([where, [{ code: 'BAD_USER_INPUT' }]]);
          expect([where, leaks(places, caller, told.data, target?.id)]).toEqual([where, []]);
          continue;
        }
        expect([where, told.errors]).toEqual([where, []]);
        expect([where, leaks(places, caller, told.data, target?.id)]).toEqual([where, []]);
        expect([where, codesOf(told.data).includes('NOT_FOUND')]).toEqual([where, false]);
        isDone ||= codesOf(told.data).every((code) => code === REFUSED[name]);
        if (target && sightOf(caller, target) === 'SHORT') expectShort(operation(), target, told.data);
        if (operation().lists && target?.address.kind !== 'AudioCodesConnection') {
          expectListed(operation(), caller, target, told.data);
        }
        if (door === 'Subscription') await expectStreamed(operation(), caller, target, told.data);
        else if (door !== 'Mutation' && target) expect([where, bare(told.data)]).not.toEqual([where, null]);
      }
    }
    expect(isDone).toBe(true);
  });
});

interface Target {
  readonly address: Address;
  readonly place: Place;
  readonly id: string;
}

/** Every role, with and without the rights that matter to the operation, at each of the callers' places; `missing` is the first power it lacks. */
/** Who is told nothing of connections cannot filter by one either: the answer would tell whose numbers it has. */
function mayAskBy(caller: Identity, { kind }: Address): boolean {
  return kind !== 'AudioCodesConnection' || hasPower(caller, OPERATION_POWERS.Entity[kind]);
}

function callersOf({ need }: Operation, given: readonly string[] = []) {
  const powers = powersFor(need, Object.fromEntries(given.map((flag) => [flag, true])));
  const matters = RIGHTS.filter((right) => powers.some((power) => Object.values(POWERS[power].grants).includes(right)));
  return CALLERS.flatMap((at) =>
    ROLES.flatMap((role) =>
      [[], matters].slice(0, 1 + matters.length).map((rights) => ({
        caller: places.identity(role, rights, places.place(at)),
        missing: powers.find((power) => !hasPower({ role, rights }, power)),
        given,
      })),
    ),
  );
}

/** Each argument that names a thing, with the thing there is at each place. */
function targetsOf({ addresses }: Operation): Target[] {
  return addresses.flatMap((address) =>
    places.all.flatMap((place) => {
      const thing = things.at(address.kind, place);
      return thing ? [{ address, place, id: thing.id }] : [];
    }),
  );
}

/** A thing that the call may change or remove. */
async function ownOf({ door, name }: Operation, target: Target): Promise<Target> {
  const { kind } = target.address;
  return door === 'Mutation' ? { ...target, id: await things.make(kind, target.place, name) } : target;
}

function isRequired({ document }: Operation) {
  return ({ path }: Address) => new RegExp(`\\$${path[0]}: [^,)]*!`).test(document);
}

/** What narrows another thing: it is named where it is in question. */
function isBeside({ path }: Address): boolean {
  return BESIDE.includes(path.at(-1) ?? '');
}

function sightOf(caller: Identity, { address, place }: Target): 'FULL' | 'SHORT' | 'NONE' {
  if (isWithin(place.path, caller.path)) return 'FULL';
  return address.isKnownFromBelow && isWithin(caller.path, place.path) ? 'SHORT' : 'NONE';
}

interface Told {
  readonly data: unknown;
  readonly errors: readonly { readonly message: string; readonly code: unknown }[];
  readonly calls: readonly string[];
  readonly hasChanged: boolean;
}

/** Call it about the target, other required arguments naming what is at the caller's own node. Ids that were given are not part of what is told. */
async function call(
  operation: Operation,
  caller: Identity,
  target: Target | undefined,
  flags: readonly string[] = [],
): Promise<Told> {
  const before = await places.heads();
  const result = await run(operation, caller, target, {}, flags);
  const calls = places.calls.list;
  const text = JSON.stringify({ data: result.data ?? null, errors: result.errors ?? [] });
  const shown = JSON.parse(text, (_, value: unknown) => (value === target?.id ? GIVEN : value)) as {
    data: unknown;
    errors: { message: string; extensions?: { code?: unknown } }[];
  };
  const errors = shown.errors.map(({ message, extensions }) => ({
    message: target ? message.replaceAll(target.id, GIVEN) : message,
    code: extensions?.code,
  }));
  return { data: shown.data, errors, calls, hasChanged: (await places.heads()) !== before };
}

async function run(
  operation: Operation,
  caller: Identity,
  target: Target | undefined,
  paging: Readonly<Record<string, unknown>> = {},
  flags: readonly string[] = [],
): Promise<ExecutionResult> {
  const ids = new Map<Address, string>();
  for (const address of operation.addresses) {
    if (address === target?.address) ids.set(address, target.id);
    else if (isRequired(operation)(address) && !isBeside(address))
      ids.set(address, await idAt(operation, address, caller, target));
  }
  const variables = { ...operation.variables(things, ids, flags), ...paging };
  const asked = { subgraph: operation.subgraph, document: operation.document, variables, as: caller };
  places.calls.clear();
  if (operation.door === 'Subscription') return streamed(operation, asked, caller, target);
  const result = await places.run(asked);
  return operation.door === 'Field' ? { ...result, data: fieldOf(operation, result.data) } : result;
}

/** The field in question, as if it had been asked for at the root. */
function fieldOf({ name }: Operation, data: unknown) {
  const [field = ''] = name.split('.').slice(1);
  return { [name]: (bare(data) as Readonly<Record<string, unknown>> | null)?.[field] ?? null };
}

/** For a required argument beside the one in question: what is at the caller's own node, or one of its own for a call that goes through. */
async function idAt(operation: Operation, { kind }: Address, caller: Identity, target: Target | undefined) {
  const own = places.all.find(({ id }) => id === caller.node) as Place;
  const goesThrough = operation.door === 'Mutation' && target && sightOf(caller, target) !== 'NONE';
  return goesThrough && hasPowers(operation, caller)
    ? things.make(kind, own, operation.name)
    : (things.at(kind, own)?.id ?? '');
}

function hasPowers({ need }: Operation, caller: Identity): boolean {
  return powersFor(need).every((power) => hasPower(caller, power));
}

/** The log from its beginning, as far as this caller is told of it. */
async function streamed(
  operation: Operation,
  { variables, ...asked }: Parameters<Places['live']>[0],
  caller: Identity,
  target: Target | undefined,
): Promise<ExecutionResult> {
  const { epoch } = await places.stores[operation.subgraph].log.state();
  places.calls.clear();
  const stream = await places.live({ ...asked, variables: { ...variables, after: `${epoch}.0` } });
  if (!(Symbol.asyncIterator in stream)) return stream;
  const payloads: unknown[] = [];
  for (const _ of await expectedOf(operation, caller, target)) {
    const { value } = (await stream.next()) as IteratorYieldResult<ExecutionResult>;
    if (value.errors) return value;
    payloads.push(bare(value.data));
  }
  await stream.return?.();
  return { data: { [operation.name]: payloads } };
}

/** Cursors of the events a caller is to hear of. */
async function expectedOf({ subgraph, name }: Operation, { path }: Identity, target: Target | undefined) {
  const types = STREAMED[name];
  if (!types) throw new Error(`Say in STREAMED which events ${name} tells of.`);
  const { log } = places.stores[subgraph];
  const { epoch } = await log.state();
  const { events } = await log.read({ after: 0, limit: 500 });
  const within = (at: string) =>
    isWithin(at, path) && (target?.address.kind !== 'HierarchyNode' || isWithin(at, target.place.path));
  const isAbout = (fields: object) =>
    !NARROWING.includes(target?.address.kind ?? '') || Object.values(fields).includes(target?.id ?? '');
  return events
    .filter(({ type, path: at, fields }) => types.test(type) && within(at) && isAbout(fields))
    .map(({ position }) => `${epoch}.${position}`);
}

async function expectStreamed(operation: Operation, caller: Identity, target: Target | undefined, data: unknown) {
  const cursors = (bare(data) as { cursor: string }[]).map(({ cursor }) => cursor);
  expect(cursors).toEqual(await expectedOf(operation, caller, target));
  if (target?.address.kind !== 'AudioCodesConnection') expect(cursors.length).toBeGreaterThan(0);
}

/** Exactly what is at the node and below. */
function expectListed({ lists }: Operation, caller: Identity, target: Target | undefined, data: unknown): void {
  if (!lists) return;
  const within = target?.place.path ?? caller.path;
  const { edges, totalCount } = bare(data) as { edges: { node: { id: string } }[]; totalCount?: number | null };
  const there = things.of(lists).filter(({ place }) => isWithin(place.path, within));
  const ids = there.map(({ id }) => (id === target?.id ? GIVEN : id));
  expect(edges.map(({ node }) => node.id).sort()).toEqual(ids.sort());
  if (totalCount != null) expect(totalCount).toBe(there.length);
}

/** Of what is above only the short form. */
function expectShort({ door, name }: Operation, { address }: Target, data: unknown): void {
  const fields = door === 'Entity' || address.path.join('.') === 'id' ? SHORT_FORM[address.kind] : undefined;
  if (!fields) return;
  const told = Object.entries(bare(data) as object).filter(([, value]) => value !== null);
  expect([name, told.map(([field]) => field).filter((field) => !fields.includes(field))]).toEqual([name, []]);
}

/** The root field's own answer; of entities the first. */
function bare(data: unknown): unknown {
  const value = Object.entries((data ?? {}) as Record<string, unknown>)[0];
  if (!value) return null;
  return value[0] === '_entities' && Array.isArray(value[1]) ? (value[1][0] ?? null) : (value[1] ?? null);
}

function isNothing(answer: unknown): boolean {
  if (answer === null) return true;
  const { edges = answer } = answer as { edges?: unknown };
  return Array.isArray(edges) && edges.length === 0;
}

function codesOf(data: unknown): readonly string[] {
  const { userErrors = [] } = (bare(data) ?? {}) as { userErrors?: readonly { code: string }[] };
  return userErrors.map(({ code }) => code);
}
