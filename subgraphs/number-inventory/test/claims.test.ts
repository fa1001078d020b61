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
