import { afterEach, expect, test } from 'vitest';
import { openInventory, type TestInventory } from './inventory.js';

let inventory: TestInventory | undefined;
afterEach(async () => {
  await inventory?.close();
  inventory = undefined;
});

const ADD = `mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { numbers { id number status } existing userErrors { code field } } }`;
const CLAIM = `mutation ($input: ClaimNextAvailableNumberInput!) {
  claimNextAvailableNumber(input: $input) { number { id number status usage vendor uses { source ref } } userErrors { code field } } }`;

interface Claimed {
  claimNextAvailableNumber: {
    number: { id: string; number: string; status: string } | null;
    userErrors: { code: string }[];
  };
}

for (const hostile of [undefined, 7]) {
  test(`two hundred concurrent claims of fifty free numbers hand out fifty different ones${hostile ? ', also over a hostile store' : ''}`, async () => {
    inventory = await openInventory(hostile === undefined ? {} : { hostile });
    const { nodes } = inventory;
    await inventory.data(ADD, { input: { node: nodes.site, range: { start: '1000', end: '1049' } } });
    const claims = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        inventory!.data<Claimed>(CLAIM, {
          input: { node: nodes.customer, ref: `user-${index}`, idempotencyKey: `k${index}` },
        }),
      ),
    );
    const answers = claims.map((claim) => claim.claimNextAvailableNumber);
    const numbers = answers.flatMap(({ number }) => number?.number ?? []);
    expect([...numbers].sort()).toEqual(Array.from({ length: 50 }, (_, index) => `${1000 + index}`));
    const refused = answers.filter(({ number }) => !number);
    expect(refused).toHaveLength(150);
    expect(new Set(refused.flatMap(({ userErrors }) => userErrors.map(({ code }) => code)))).toEqual(
      new Set(['NO_NUMBER_AVAILABLE']),
    );
    expect(await inventory.store.verify()).toEqual([]);
  });
}

test('a claim above customers passes over one whose number management is off, or whose uses are still to be taken', async () => {
  inventory = await openInventory();
  const { nodes, data } = inventory;
  const add = (node: string, start: string, end: string) => data(ADD, { input: { node, range: { start, end } } });
  const manage = (id: string, numberManagement: boolean) =>
    data(
      `mutation ($input: UpdateHierarchyNodeInput!) { updateHierarchyNode(input: $input) { userErrors { message } } }`,
      { input: { id, numberManagement } },
    );
  let keys = 0;
  const claim = async (node: string) => {
    const input = { node, ref: 'someone', idempotencyKey: `key ${(keys += 1)}` };
    const { number, userErrors } = (await data<Claimed>(CLAIM, { input })).claimNextAvailableNumber;
    return number?.number ?? userErrors.map(({ code }) => code);
  };
  await add(nodes.site, '1000', '1009');
  await add(nodes.otherCustomer, '2000', '2001');
  await manage(nodes.customer, false);
  expect(await claim(nodes.reseller)).toBe('2000');
  expect(await claim(nodes.customer)).toEqual(['NUMBER_MANAGEMENT_OFF']);
  // No worker runs, so the uses are never taken.
  await manage(nodes.customer, true);
  expect(await claim(nodes.provider)).toBe('2001');
  expect(await claim(nodes.reseller)).toEqual(['NUMBER_MANAGEMENT_OFF']);
});
