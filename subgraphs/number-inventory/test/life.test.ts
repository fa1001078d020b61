/** Random lives of a few numbers, with a moved clock and over the hostile store, against a model that knows the rules and nothing of storage. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberFieldsOf } from '../src/models/number.js';
import { openInventory, type TestInventory } from './inventory.js';

const NUMBERS = ['1', '2', '3'];
const HOUR = 3_600_000;
const COOLING_HOURS = 48;

/** A number as the model sees it. */
interface Modelled {
  exists: boolean;
  devices: Set<string>;
  assigned: boolean;
  reserved: { until: number | undefined } | undefined;
  coolsUntil: number | undefined;
}

type Step =
  | { do: 'register' | 'drop'; number: number; device: number }
  | { do: (typeof ASKED)[number]; number: number }
  | { do: 'claim' }
  | { do: 'wait'; hours: number };

/** What is asked for by callers, of a certain number. */
const ASKED = ['add', 'assign', 'release', 'reserve', 'reserveADay', 'unreserve', 'delete'] as const;

const number = fc.nat({ max: NUMBERS.length - 1 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('register' as const, 'drop' as const),
        number,
        device: fc.nat({ max: 1 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom(...ASKED),
        number,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('claim' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 24, 49) }) },
  ),
  { minLength: 5, maxLength: 25 },
);

class Model {
  readonly numbers = NUMBERS.map((): Modelled => ({
    exists: false,
    devices: new Set(),
    assigned: false,
    reserved: undefined,
    coolsUntil: undefined,
  }));
  hours = 0;

  status(each: Modelled): string | undefined {
    if (!each.exists) return undefined;
    if (each.reserved) return 'RESERVED';
    if (each.devices.size > 0 || each.assigned) return 'USED';
    return each.coolsUntil === undefined ? 'AVAILABLE' : 'COOLING';
  }

  /** Whether the step was accepted. */
  take(step: Step): boolean {
    if (step.do === 'wait') {
      this.hours += step.hours;
      for (const each of this.numbers) {
        if (each.coolsUntil !== undefined && each.coolsUntil <= this.hours) each.coolsUntil = undefined;
        if (each.reserved?.until !== undefined && each.reserved.until <= this.hours) each.reserved = undefined;
      }
      return true;
    }
    if (step.do === 'claim') {
      const free = this.numbers.find((each) => this.status(each) === 'AVAILABLE');
      if (free) free.assigned = true;
      return free !== undefined;
    }
    const each = this.numbers[step.number] as Modelled;
    const status = this.status(each);
    const ifIn = (wanted: string, change: () => void) => {
      if (status === wanted) change();
      return status === wanted;
    };
    switch (step.do) {
      case 'register':
        each.exists = true;
        each.devices.add(`${step.number}-${step.device}`);
        each.coolsUntil = undefined;
        return true;
      case 'drop':
        if (!each.devices.delete(`${step.number}-${step.device}`)) return true;
        if (each.devices.size === 0 && !each.assigned) each.coolsUntil = this.hours + COOLING_HOURS;
        return true;
      case 'add':
        if (!each.exists) each.exists = true;
        return true;
      case 'assign':
        return ifIn('AVAILABLE', () => (each.assigned = true));
      case 'release': {
        const { assigned } = each;
        each.assigned = false;
        return assigned;
      }
      case 'reserve':
        return ifIn('AVAILABLE', () => (each.reserved = { until: undefined }));
      case 'reserveADay':
        return ifIn('AVAILABLE', () => (each.reserved = { until: this.hours + 24 }));
      case 'unreserve':
        return ifIn('RESERVED', () => (each.reserved = undefined));
      case 'delete':
        return ifIn('AVAILABLE', () => (each.exists = false));
    }
  }
}

class Real {
  readonly #test: TestInventory;
  #requests = 0;

  constructor(test: TestInventory) {
    this.#test = test;
  }

  async take(step: Step): Promise<boolean> {
    const { nodes } = this.#test;
    if (step.do === 'wait') {
      this.#test.clock.advance(step.hours * HOUR);
      return true;
    }
    const idempotencyKey = `${(this.#requests += 1)}`;
    if (step.do === 'claim')
      return this.#mutate('claimNextAvailableNumber', { node: nodes.site, ref: 'x', idempotencyKey });
    const digits = NUMBERS[step.number] ?? '';
    const id = `${nodes.customer}:${digits}`;
    switch (step.do) {
      case 'register':
      case 'drop': {
        const there = step.do === 'register';
        const ref = `${step.number}-${step.device}`;
        await this.#test.tell('run', [{ ref, before: there ? null : digits, after: there ? digits : null }]);
        return true;
      }
      case 'add':
        return this.#mutate('addNumbers', { node: nodes.site, numbers: [digits] });
      case 'assign':
        return this.#mutate('assignNumber', { id, ref: 'x', idempotencyKey });
      case 'release':
        return this.#mutate('releaseNumber', { id, idempotencyKey });
      case 'reserve':
        return this.#mutate('reserveNumbers', { ids: [id] });
      case 'reserveADay':
        return this.#mutate('reserveNumbers', { ids: [id], days: 1 });
      case 'unreserve':
        return this.#mutate('unreserveNumbers', { ids: [id] });
      case 'delete':
        return this.#mutate('deleteNumbers', { ids: [id] });
    }
  }

  async #mutate(name: string, input: object): Promise<boolean> {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
    const source = `mutation ($input: ${type}!) { ${name}(input: $input) { userErrors { code } } }`;
    const answer = await this.#test.data<Record<string, { userErrors: object[] }>>(source, { input });
    return answer[name]?.userErrors.length === 0;
  }

  async statuses(): Promise<(string | undefined)[]> {
    const { nodes } = this.#test;
    const fields = NUMBERS.map(
      (digits) => `n${digits}: numberByValue(customer: "${nodes.customer}", number: "${digits}") { status }`,
    );
    const answer = await this.#test.data<Record<string, { status: string } | null>>(`{ ${fields.join(' ')} }`);
    return NUMBERS.map((digits) => answer[`n${digits}`]?.status);
  }
}

test('random lives of numbers follow the model, their history tells the same, and the counters are right', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat({ max: 1_000_000 }), async (life, hostile) => {
      const inventory = await openInventory({ hostile });
      try {
        await inventory.inventory.start();
        const [model, real] = [new Model(), new Real(inventory)];
        for (const step of life) {
          const accepted = model.take(step);
          expect([step, await real.take(step)]).toEqual([step, accepted]);
          const expected = model.numbers.map((each) => model.status(each));
          await waitUntil(`${JSON.stringify(step)} to make ${expected.join()}`, async () => {
            // A loop whose lease was lost to a made-up conflict pauses a second; together these moments stay far below the hour the model reckons in.
            inventory.clock.advance(100);
            return JSON.stringify(await real.statuses()) === JSON.stringify(expected);
          });
        }
        await expectTrueHistory(inventory, model);
        expect(await inventory.store.verify()).toEqual([]);
      } finally {
        await inventory.close();
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);

/** The last event of each number tells its state, and no event tells a state the rules do not allow. */
async function expectTrueHistory({ store, nodes }: TestInventory, model: Model): Promise<void> {
  const { events } = await store.log.read({ after: 0, limit: 1000 });
  for (const event of events.filter((each) => each.entity.startsWith('InventoryNumber:'))) {
    const fields = numberFieldsOf(event);
    if (!fields) throw new Error(`${event.type} is no event of a number`);
    const { status, usage, releaseDate, tag } = fields;
    expect(usage.length > 0).toBe(status === 'USED');
    expect(tag !== null).toBe(status === 'COOLING');
    if (status !== 'RESERVED') expect(releaseDate !== null).toBe(status === 'COOLING');
  }
  for (const [index, digits] of NUMBERS.entries()) {
    const last = events.findLast((event) => event.entity === `InventoryNumber:${nodes.customer}:${digits}`);
    const status = last && last.type !== 'NumberDeleted' ? numberFieldsOf(last)?.status : undefined;
    expect(status).toBe(model.status(model.numbers[index] as Modelled));
  }
}
