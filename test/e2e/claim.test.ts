/** A number is handed out once, however many ask. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answer, UserError } from '../src/world/client.js';
import { addNumbers, createCustomer, type Customer } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

interface Claimed {
  readonly number: { readonly id: string; readonly status: string } | null;
  readonly userErrors: readonly UserError[];
}

const CLAIM = `mutation($input: ClaimNextAvailableNumberInput!) {
  claimNextAvailableNumber(input: $input) { number { id status } userErrors { code message field } }
}`;

let world: World;
let customer: Customer;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world);
  await addNumbers(world.client(), customer.sites[0] ?? '', '2000', '2049');
});

afterAll(() => world?.close());

/** An answer that was lost, as on a machine so busy that it came too late, is asked for again by its key. */
async function claim(key: string, ref = key): Promise<Claimed> {
  const input = { node: customer.customer, ref, idempotencyKey: key };
  return waitUntil(`the answer to ${key}`, async () => {
    const { data, errors = [] } = await world.client().send(CLAIM, { input }).catch(connectionLost);
    const late = errors.every(({ extensions }) => extensions?.['code'] === 'SUBGRAPH_TIMEOUT');
    if (!late) throw new Error(JSON.stringify(errors));
    return data?.['claimNextAvailableNumber'] as Claimed | undefined;
  });
}

function connectionLost(error: unknown): Answer {
  if (error instanceof TypeError && error.message === 'fetch failed') return {};
  throw error;
}

it('gives two hundred callers of fifty free numbers fifty distinct ones and tells the others there is none', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => claim(`caller-${index}`)));
  const handedOut = answers.flatMap(({ number }) => (number ? [number.id] : []));
  expect(new Set(handedOut).size).toBe(50);
  expect(handedOut).toHaveLength(50);
  const refused = answers.filter(({ number }) => !number);
  expect(refused.every(({ userErrors }) => userErrors[0]?.code === 'NO_NUMBER_AVAILABLE')).toBe(true);
});

it('answers the same idempotency key with the same number, and refuses it with another input', async () => {
  await addNumbers(world.client(), customer.sites[1] ?? '', '3000', '3002');
  const first = await claim('again', 'subscriber');
  expect(first.number).toMatchObject({ status: 'USED' });
  expect(await claim('again', 'subscriber')).toEqual(first);
  expect((await claim('again', 'someone else')).userErrors).toEqual([
    expect.objectContaining({ code: 'IDEMPOTENCY_KEY_REUSED', field: 'idempotencyKey' }),
  ]);
});
