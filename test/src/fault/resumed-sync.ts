/** A sync that meets a fault at every so many pages and is run again until it succeeds, beside the same sync without faults. */
import type { Fault, RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { ApiClient } from '../world/client.js';
import { connect, createCustomer, sync, type Run } from '../world/steps.js';
import type { World } from '../world/world.js';

export interface ResumedSyncOptions {
  readonly users: number;
  /** A fault at every page whose number this divides. */
  readonly everyPage: number;
}

export interface Phase {
  /** Every run of the sync with faults, up to the one that succeeded. */
  readonly runs: readonly Run[];
  /** Faults that struck nobody; there must be none. */
  readonly unused: number;
  /** The customers' numbers, a line each, without faults and with them. */
  readonly calm: readonly string[];
  readonly stormy: readonly string[];
}

const FIRST = '+493020000000';
/** Users of a page of the listing. */
const PAGE = 1_000;
const DEADLINE = 1_200_000;

/** One after the other, page by page. Those that pass by themselves last as long as a call is tried. */
const FAULTS: readonly Fault[] = [
  { kind: 'failed-page', times: 3 },
  { kind: 'repeated-page', times: 1 },
  { kind: 'cut-page', times: 3 },
  { kind: 'bad-json', times: 1 },
  { kind: 'throttled', times: 3, retryAfter: 1 },
  { kind: 'inconsistent-total', times: 1 },
  { kind: 'unauthorized', times: 1 },
  { kind: 'endless-answer', times: 1 },
  { kind: 'short-page', times: 1, items: 0 },
  { kind: 'wrong-shape', times: 1 },
];

/** Two customers with the same devices: their first sync, then one after a tenth of the devices went. */
export async function resumedSync(
  world: Pick<World, 'client' | 'provider' | 'routingManager'>,
  { users, everyPage }: ResumedSyncOptions,
): Promise<{ readonly first: Phase; readonly second: Phase }> {
  const client = world.client();
  const block = { users: { count: users, firstNumber: FIRST } };
  const sides = await Promise.all(
    ['Calm', 'Stormy'].map(async (name) => {
      const { customer } = await createCustomer(world, name, 1);
      const manager = await world.routingManager(block);
      return { customer, manager, dataSync: (await connect(client, customer, 'main', manager)).sync };
    }),
  );
  const [calm, stormy] = sides;
  if (!calm || !stormy) throw new Error('there are two sides');

  async function phase(): Promise<Phase> {
    if (!calm || !stormy) throw new Error('there are two sides');
    const undisturbed = await sync(client, calm.dataSync, DEADLINE);
    if (undisturbed.state !== 'SUCCEEDED') throw new Error(`without faults the run ended ${undisturbed.state}`);
    switchOn(stormy.manager, users, everyPage);
    const runs: Run[] = [];
    do runs.push(await sync(client, stormy.dataSync, DEADLINE));
    while (runs.at(-1)?.state !== 'SUCCEEDED' && runs.length <= users / PAGE);
    return {
      runs,
      unused: stormy.manager.control.faults.list().length,
      calm: await numbersOf(client, calm.customer),
      stormy: await numbersOf(client, stormy.customer),
    };
  }

  const first = await phase();
  for (const { manager } of sides) {
    for (let index = 0; index < users; index += 10) change(manager, index);
  }
  return { first, second: await phase() };
}

function switchOn({ control }: RoutingManager, users: number, everyPage: number): void {
  for (let page = everyPage, index = 0; page <= Math.floor(users / PAGE); page += everyPage, index += 1) {
    const fault = FAULTS[index % FAULTS.length];
    if (fault) control.fault({ ...fault, onPage: page });
  }
}

/** One device of ten goes, is offline for a third of them, and a new one comes. */
function change({ control }: RoutingManager, index: number): void {
  const number = `+${Number(FIRST) + index}`;
  if (index % 30 === 0) control.takeOffline(number);
  else control.drop(number);
  control.register(`+4420${String(index).padStart(8, '0')}`);
}

async function numbersOf(client: ApiClient, customer: string): Promise<string[]> {
  const lines: string[] = [];
  for (let after: string | null = null; ;) {
    const page: NumbersPage = await client.ask<NumbersPage>(
      `query($node: ID!, $after: String) {
        numbers(filter: { within: $node }, first: 500, after: $after) {
          edges { node { number status usage vendor uses { source usage vendor } } } pageInfo { hasNextPage endCursor }
        }
      }`,
      { node: customer, after },
    );
    for (const { node } of page.edges) lines.push(JSON.stringify(node));
    if (!page.pageInfo.hasNextPage) return lines.sort();
    after = page.pageInfo.endCursor;
  }
}

interface NumbersPage {
  readonly edges: readonly { readonly node: unknown }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
