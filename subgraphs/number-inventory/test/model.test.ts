/** Random lives of a few numbers against the model, with a clock that is moved, on whichever engine the tests run on. */
import { Leases, type Lease } from '@numberyard/kit/workers/leases';
import { createLogger } from '@numberyard/kit/logging/logger';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { entity, event } from '@numberyard/schema/events';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyConnectionsEvents } from '../src/commands/apply-registered-users.js';
import { endDueNumbers } from '../src/commands/end-due.js';
import { numberFieldsOf } from '../src/models/number.js';
import { openInventory, type TestInventory } from './inventory.js';
import { Model, NUMBERS, PLACES, REMEMBERED, USERS, type Place, type Seen, type Step } from './model.js';

const RUNS = 150;
/** The lives end here, milliseconds, wherever they are. */
const LONGEST = 12_000;

let inventory: TestInventory;
let lease: Lease;
let leases: Leases;
beforeAll(async () => {
  inventory = await openInventory();
  leases = new Leases({ store: inventory.store, clock: inventory.clock, logger: createLogger('silent') });
  lease = await waitUntil('a lease', () => leases.acquire('model'));
});
afterAll(async () => {
  await leases.stop();
  await inventory.close();
});

const number = fc.nat({ max: NUMBERS.length - 1 });
const user = fc.nat({ max: USERS.length - 1 });
const place = fc.constantFrom(...PLACES);
const kindOfSwitch = fc.constantFrom('YES' as const, 'NO' as const);
const days = fc.option(fc.constantFrom(1, 3));
const text = fc.constantFrom('', 'a', 'b');
const step = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });
const kind = <const K extends Step['do']>(...kinds: K[]) => fc.constantFrom(...kinds);
// Weighted so that numbers are idle often enough to be asked for: a device that is there keeps all others away.
const steps = fc.array(
  fc.oneof(
    step(2, fc.record({ do: kind('add', 'move'), number, place })),
    step(
      5,
      fc.record({
        do: kind('assign'),
        number,
        ref: fc.constantFrom('bob', 'eve'),
        usage: fc.constantFrom('USER' as const, 'HUNT_PILOT' as const),
        vendor: fc.constantFrom(null, 'Microsoft'),
      }),
    ),
    step(2, fc.record({ do: kind('claim'), place, at: fc.constantFrom('once' as const, 'twice at once' as const) })),
    step(1, fc.record({ do: kind('repeat') })),
    step(6, fc.record({ do: kind('release'), number, ref: fc.constantFrom(null, null, null, 'bob', 'claim') })),
    step(3, fc.record({ do: kind('reserve', 'cool'), number, days })),
    step(4, fc.record({ do: kind('unreserve', 'endCooling'), number })),
    step(1, fc.record({ do: kind('delete'), number })),
    step(
      2,
      fc.record(
        { do: kind('update'), number, tag: text, description: text, extra: text, e164: fc.constantFrom('', '+4930') },
        { requiredKeys: ['do', 'number'] },
      ),
    ),
    step(4, fc.record({ do: kind('register'), user, number: fc.option(number, { nil: null, freq: 1 }) })),
    step(1, fc.record({ do: kind('setCooling'), enabled: kindOfSwitch, days: fc.constantFrom(1, 2) })),
    step(1, fc.record({ do: kind('setMacro'), days: fc.constantFrom(1, 4) })),
    step(3, fc.record({ do: kind('wait'), hours: fc.constantFrom(1, 24, 49) })),
    step(3, fc.record({ do: kind('sweep') })),
  ),
  { minLength: 10, maxLength: 50, size: 'max' },
);

/** One customer of its own for each life, so that all share a database. */
class Real {
  readonly #places: Record<Place, string>;
  readonly #names: Map<string, Place>;
  readonly #at = new Map<number, string>();
  #keys = 0;
  #lastClaim: { input: object; number: string | undefined; at: number } | undefined;

  private constructor(places: Record<Place, string>) {
    this.#places = places;
    this.#names = new Map(PLACES.map((name) => [places[name], name]));
  }

  static async open(life: string): Promise<Real> {
    const make = async (parent: string, type: string, name: string) => {
      const answer = await inventory.data<{ createHierarchyNode: { hierarchyNode: { id: string } } }>(
        `mutation ($input: CreateHierarchyNodeInput!) { createHierarchyNode(input: $input) { hierarchyNode { id } } }`,
        { input: { parent, type, name } },
      );
      return answer.createHierarchyNode.hierarchyNode.id;
    };
    const customer = await make(inventory.nodes.reseller, 'CUSTOMER', life);
    const [site, otherSite] = [await make(customer, 'SITE', 'one'), await make(customer, 'SITE', 'two')];
    return new Real({ customer, site, otherSite });
  }

  id(index: number): string {
    return `${this.#places.customer}:${NUMBERS[index]}`;
  }

  async take(step: Step): Promise<number> {
    const id = 'number' in step && step.number !== null ? this.id(step.number) : '';
    const key = () => ({ idempotencyKey: `${this.#places.customer} ${(this.#keys += 1)}` });
    switch (step.do) {
      case 'wait':
        inventory.clock.advance(step.hours * 3_600_000);
        return 1;
      case 'sweep': {
        const asOf = new Date(inventory.clock.now()).toISOString();
        while ((await endDueNumbers(inventory, asOf, lease)) > 0);
        return 1;
      }
      case 'register':
        await this.#register(step.user, step.number);
        return 1;
      case 'setCooling':
        return this.#ask('setCoolingSettings', { node: this.#places.customer, enabled: step.enabled, days: step.days });
      case 'setMacro': {
        const name = 'audiocodes_cooling_duration';
        return this.#ask('setMacro', { node: this.#places.customer, name, value: `${step.days}` });
      }
      case 'add':
        return this.#ask('addNumbers', { node: this.#places[step.place], numbers: [NUMBERS[step.number]] });
      case 'move':
        return this.#ask('moveNumbers', { ids: [id], node: this.#places[step.place] });
      case 'assign':
        return this.#ask('assignNumber', { id, ref: step.ref, usage: step.usage, vendor: step.vendor, ...key() });
      case 'claim':
        return this.#claims(
          Array.from({ length: step.at === 'once' ? 1 : 2 }, () => ({
            node: this.#places[step.place],
            ref: 'claim',
            ...key(),
          })),
        );
      case 'repeat': {
        const { input, number, at } = this.#lastClaim ?? { input: {}, at: 0 };
        if (number === undefined || inventory.clock.now() - at >= REMEMBERED) return 0;
        const again = await this.#request('claimNextAvailableNumber', input, 'number { number }');
        if (again.isGranted) expect(again.number).toBe(number);
        return again.isGranted ? 1 : 0;
      }
      case 'release':
        return this.#ask('releaseNumber', { id, ref: step.ref, ...key() });
      case 'reserve':
        return this.#ask('reserveNumbers', { ids: [id], days: step.days, notes: 'a note' });
      case 'cool':
        return this.#ask('startCooling', { ids: [id], days: step.days });
      case 'unreserve':
        return this.#ask('unreserveNumbers', { ids: [id] });
      case 'endCooling':
        return this.#ask('endCooling', { ids: [id] });
      case 'delete':
        return this.#ask('deleteNumbers', { ids: [id] });
      case 'update': {
        const { tag, description, e164, extra } = step;
        const extras = extra === undefined ? undefined : [{ name: 'x', value: extra || null }];
        return this.#ask('updateNumber', { id, tag, description, e164, extras });
      }
    }
  }

  async #claims(inputs: readonly object[]): Promise<number> {
    const answers = await Promise.all(
      inputs.map((input) => this.#request('claimNextAvailableNumber', input, 'number { number }')),
    );
    const granted = answers.filter((answer) => answer.isGranted);
    expect(new Set(granted.map(({ number }) => number)).size).toBe(granted.length);
    const [first] = granted;
    const last = { input: inputs[0] ?? {}, number: first?.number, at: inventory.clock.now() };
    if (first) this.#lastClaim = inputs.length === 1 ? last : undefined;
    return granted.length;
  }

  async #ask(name: string, input: object): Promise<number> {
    return (await this.#request(name, input)).isGranted ? 1 : 0;
  }

  async #request(name: string, input: object, selection = ''): Promise<{ isGranted: boolean; number?: string }> {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
    const source = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code } } }`;
    interface Answer {
      number?: { number: string };
      userErrors: object[];
    }
    const answer = (await inventory.data<Record<string, Answer>>(source, { input }))[name];
    const isGranted = answer?.userErrors.length === 0;
    return { isGranted, ...(answer?.number && { number: answer.number.number }) };
  }

  async #register(user: number, index: number | null): Promise<void> {
    const ref = USERS[user] ?? '';
    const [before, after] = [this.#at.get(user) ?? null, index === null ? null : (NUMBERS[index] ?? null)];
    if (after === null) this.#at.delete(user);
    else this.#at.set(user, after);
    // References are of one user for ever, so those of another customer's life are others.
    const changes = [{ ref: `${this.#places.customer} ${ref}`, before, after }];
    const fields = { connection: 'arm', node: this.#places.site, run: 'run', changes };
    const written = await inventory.connections.commit({
      events: [
        event('RegisteredUsersChanged', fields, {
          retention: 'passing',
          entity: entity.run('run'),
          path: inventory.paths.site,
          actor: { type: 'WORKER', id: 'sync' },
          time: new Date(inventory.clock.now()).toISOString(),
        }),
      ],
    });
    if (!written.ok) throw new Error('the connections log refused an event');
    const position = Number(written.cursor.split('.')[1]);
    const { events } = await inventory.connections.log.read({ after: position - 1, limit: 1 });
    const commit = await applyConnectionsEvents(inventory, events);
    if (commit) expect((await inventory.store.commit(commit)).ok).toBe(true);
  }

  async see(): Promise<{ numbers: (Seen | undefined)[]; counts: Counts }> {
    const fields = `status usage vendor tag releaseDate description e164 extras { value } uses { ref } hierarchyNode { id }`;
    const asked = [
      ...NUMBERS.map((_, index) => `n${index}: number(id: "${this.id(index)}") { ${fields} }`),
      ...PLACES.map((name) => `${name}: numberSummary(within: "${this.#places[name]}") { byStatus { status count } }`),
    ];
    interface Raw extends Omit<Seen, 'place' | 'uses' | 'extra'> {
      hierarchyNode: { id: string };
      uses: { ref: string }[];
      extras: { value: string }[];
    }
    type Summaries = Record<Place, { byStatus: { status: string; count: number }[] }>;
    const answer = await inventory.data<Record<`n${number}`, Raw | null> & Summaries>(`{ ${asked.join(' ')} }`);
    const numbers = NUMBERS.map((_, index) => {
      const raw = answer[`n${index}`];
      if (!raw) return undefined;
      const { hierarchyNode, uses, extras, ...rest } = raw;
      const at = this.#names.get(hierarchyNode.id);
      if (!at) throw new Error(`a number lives at ${hierarchyNode.id}`);
      const refs = uses.map(({ ref }) => ref.replace(`${this.#places.customer} `, '')).sort();
      return { ...rest, place: at, extra: extras[0]?.value ?? null, uses: refs };
    });
    const at = (name: Place) => {
      const some = answer[name].byStatus.filter(({ count }) => count > 0);
      return Object.fromEntries(some.map(({ status, count }) => [status, count]));
    };
    return { numbers, counts: { site: at('site'), otherSite: at('otherSite'), customer: at('customer') } };
  }
}

/** How many numbers of each status there are at each place and below, none left out. */
type Counts = Record<Place, Record<string, number>>;

function countsOf(seen: readonly (Seen | undefined)[]): Counts {
  const counts: Counts = { site: {}, otherSite: {}, customer: {} };
  for (const each of seen) {
    if (!each) continue;
    for (const at of new Set<Place>([each.place, 'customer']))
      counts[at][each.status] = (counts[at][each.status] ?? 0) + 1;
  }
  return counts;
}

/** Two numbers to begin with, so that a life does not pass before there are any. */
function beginning(cools: boolean): Step[] {
  return [
    { do: 'add', number: 0, place: 'site' },
    { do: 'add', number: 1, place: 'otherSite' },
    { do: 'setCooling', enabled: cools ? 'YES' : 'NO', days: 2 },
  ];
}

let lives = 0;

test('random lives of numbers are what the model says, step by step', async () => {
  const seed = Date.now() % 2_147_483_647;
  process.stdout.write(`seed of the random lives: ${seed}\n`);
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (random, cools) => {
      const life = [...beginning(cools), ...random];
      const real = await Real.open(`life ${(lives += 1)}`);
      const model = new Model(inventory.clock.now());
      const headNow = async () => (await inventory.store.log.state()).head;
      let expected: (Seen | undefined)[] = NUMBERS.map(() => undefined);
      let head = await headNow();
      for (const step of life) {
        const [before, headBefore] = [expected, head];
        const granted = model.take(step);
        expected = NUMBERS.map((_, index) => {
          const entry = model.entries.get(index);
          return entry && model.see(entry);
        });
        expect([step, await real.take(step)]).toEqual([step, granted]);
        expect([step, await real.see()]).toEqual([step, { numbers: expected, counts: countsOf(expected) }]);
        head = await headNow();
        const changesNothing = ['add', 'move', 'repeat', 'wait'].includes(step.do) && equal(before, expected);
        if (granted === 0 || changesNothing) expect([step, head]).toEqual([step, headBefore]);
      }
      await expectTrueHistory(real, expected);
    }),
    { numRuns: RUNS, seed, interruptAfterTimeLimit: LONGEST, markInterruptAsFailure: false },
  );
  expect(await inventory.store.verify()).toEqual([]);
}, 120_000);

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The history begins with the making, ends with what is now, hands out what was Available, and ends nothing before its time. */
async function expectTrueHistory(real: Real, expected: readonly (Seen | undefined)[]): Promise<void> {
  for (const [index, seen] of expected.entries()) {
    const events = (await inventory.store.log.ofEntity(entity.number(real.id(index)), { limit: 1000 })).reverse();
    let status = 'NONE';
    let releaseDate: string | null = null;
    for (const { type, time, actor, fields } of events) {
      if (status === 'NONE') expect(type).toBe('NumberAdded');
      if (type === 'NumberUsed' && actor.type === 'KEY') expect(status).toBe('AVAILABLE');
      const ended = type === 'NumberReleased' || (type === 'NumberUnreserved' && actor.type === 'WORKER');
      if (ended) expect((releaseDate ?? '9') <= time).toBe(true);
      ({ status, releaseDate } = fields as { status: string; releaseDate: string | null });
      if (type === 'NumberDeleted') status = 'NONE';
    }
    const last = events.at(-1);
    const fields = last && last.type !== 'NumberDeleted' ? numberFieldsOf(last) : undefined;
    const { place: _place, uses: _uses, extra: _extra, ...rest } = seen ?? { place: '', uses: [], extra: null };
    const told = fields && {
      status: fields.status,
      usage: fields.usage,
      vendor: fields.vendor,
      tag: fields.tag,
      releaseDate: fields.releaseDate,
      description: fields.description ?? null,
      e164: fields.e164 ?? null,
    };
    expect(told).toEqual(seen && rest);
  }
}
