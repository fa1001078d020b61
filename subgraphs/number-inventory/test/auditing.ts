/** An inventory that an audit asks for corrections, beside connections whose devices come and go. */
import { save } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { entity } from '@numberyard/schema/events';
import type { CorrectedNumber, CorrectionAnswer, CorrectionBatch, ListedService } from '@numberyard/schema/internal';
import { markOf } from '../src/domain/audited-number.js';
import { newNumber, numberId, type InventoryNumber } from '../src/domain/number.js';
import { nodes as nodeCollection } from '../src/models/node.js';
import { numbers as numberCollection, saveNumber, type NumberDoc } from '../src/models/number.js';
import { openInventory, type Nodes, type TestInventory } from './inventory.js';

/** The one that {@link started} has opened last. */
export let inventory: TestInventory;

export async function started(options: Parameters<typeof openInventory>[0] = {}): Promise<TestInventory> {
  inventory = await openInventory(options);
  await inventory.inventory.start();
  return inventory;
}

/** Let the clock run while something is under way. */
export async function passing<T>(what: string, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = () => (isSettled = true);
  promise.then(settled, settled);
  await waitUntil(what, () => {
    inventory.clock.advance(25);
    return isSettled;
  });
  return promise;
}

export async function ask(batch: CorrectionBatch): Promise<CorrectionAnswer> {
  return passing('an answer', inventory.inventory.internal.correctNumbers(batch));
}

/** As an audit asks: again while it is not done. */
export async function askUntilDone(batch: CorrectionBatch): Promise<Exclude<CorrectionAnswer, { state: 'PENDING' }>> {
  for (;;) {
    const answer = await ask(batch);
    if (answer.state !== 'PENDING') return answer;
  }
}

export async function numberOf(value: string): Promise<NumberDoc | undefined> {
  return inventory.store.get(numberCollection, numberId(inventory.nodes.customer, value));
}

/** A number of the customer as it stands, whatever really uses it. */
export async function put(
  value: string,
  state: Partial<InventoryNumber> = {},
  place: 'customer' | 'site' | 'otherSite' = 'site',
) {
  const at = { customer: inventory.nodes.customer, node: inventory.nodes[place], path: inventory.paths[place] };
  const time = new Date(inventory.clock.now()).toISOString();
  const number = { ...newNumber(at, value, time), ...state };
  await waitUntil('the number to be there', async () => {
    const version = (await numberOf(value))?.version ?? 0;
    return (await inventory.store.commit({ save: [saveNumber(number, version)] })).ok;
  });
}

/** What an audit hands over of a number, looked at now. */
export async function lookedAt(value: string, services: readonly ListedService[] = []): Promise<CorrectedNumber> {
  const number = await numberOf(value);
  return { number: value, mark: number ? markOf(number) : null, services };
}

export function service(ref: string, place: keyof Nodes = 'site', usage = 'DEVICE'): ListedService {
  return { ref, usage, vendor: null, node: inventory.nodes[place], usedBy: `phone ${ref}` };
}

export function batchOf(numbers: readonly CorrectedNumber[], more: Partial<CorrectionBatch> = {}): CorrectionBatch {
  const { customer } = inventory.nodes;
  return { run: 'run', batch: 1, customer, level: 'CUSTOMER', sites: null, dryRun: false, numbers, ...more };
}

export function kindsOf(answer: CorrectionAnswer): string[] {
  if (answer.state !== 'DONE') throw new Error(`the batch is ${answer.state}`);
  return answer.corrections.map(({ number, kind }) => `${number} ${kind}`);
}

export async function changeCustomer(change: Record<string, unknown>): Promise<void> {
  const customer = await inventory.store.get(nodeCollection, inventory.nodes.customer);
  if (!customer) throw new Error('there is no customer');
  await inventory.store.commit({ save: [save(nodeCollection, { ...customer, ...change })] });
}

export async function eventsOf(value: string): Promise<string[]> {
  const id = numberId(inventory.nodes.customer, value);
  const events = await inventory.store.log.ofEntity(entity.number(id), { limit: 100 });
  return events.reverse().map(({ type, cause }) => `${type} ${cause ?? ''}`);
}

export const device = (ref: string) =>
  ({
    source: 'REGISTERED_USER',
    ref,
    usage: 'DEVICE',
    vendor: 'AudioCodes',
    connection: 'arm',
    since: '2025-01-01T00:00:00.000Z',
  }) as const;

/** The device has the number, or has it no more, as its owner lists it and tells of it. */
export async function register(ref: string, number: string, tell = true): Promise<void> {
  inventory.listing = [...inventory.listing, { ref, number, connection: 'arm', node: inventory.nodes.site }];
  if (tell) await inventory.tell('sync', [{ ref, before: null, after: number }]);
}
export async function leave(ref: string, number: string, tell = true): Promise<void> {
  inventory.listing = inventory.listing.filter((use) => use.ref !== ref);
  if (tell) await inventory.tell('sync', [{ ref, before: number, after: null }]);
}

let ends = 0;

/** Everything told has been applied. */
export async function followed(): Promise<void> {
  ends += 1;
  const run = `end ${ends}`;
  await inventory.tellApplying(run);
  await waitUntil('what was told to be applied', async () => {
    inventory.clock.advance(25);
    const { events } = await inventory.store.log.read({ after: 0, types: ['SyncRunApplied'], limit: 1_000 });
    return events.some(({ fields }) => fields['run'] === run);
  });
}
