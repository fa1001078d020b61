/** The settings of standard cooling: set by node, inherited, and told once (Global Settings). */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInventory, type TestInventory } from './inventory.js';

let inventory: TestInventory;
beforeEach(async () => {
  inventory = await openInventory();
});
afterEach(() => inventory.close());

const SET = `mutation ($input: SetCoolingSettingsInput!) { setCoolingSettings(input: $input) { userErrors { code field } } }`;

/** @returns the refusals */
async function set(input: object): Promise<string[]> {
  const { setCoolingSettings } = await inventory.data<{
    setCoolingSettings: { userErrors: { code: string; field: string | null }[] };
  }>(SET, { input });
  return setCoolingSettings.userErrors.map(({ code, field }) => `${code} ${field}`);
}

const READ = `query ($node: ID!) { coolingSettings(node: $node) { hierarchyNode { id } enabled effectiveEnabled
  enabledSetAt { id } days effectiveDays daysSetAt { id } } }`;
const at = async (node: string) => (await inventory.data<{ coolingSettings: object }>(READ, { node })).coolingSettings;

test('cooling settings are inherited, each by itself, and shown as set and as in force', async () => {
  const { provider, reseller, customer, site } = inventory.nodes;
  expect(await at(site)).toEqual({
    hierarchyNode: { id: site },
    enabled: 'INHERIT',
    effectiveEnabled: false,
    enabledSetAt: null,
    days: null,
    effectiveDays: 30,
    daysSetAt: null,
  });
  await set({ node: provider, enabled: 'YES', days: 10 });
  await set({ node: customer, enabled: 'NO' });
  await set({ node: site, days: 5 });
  expect(await at(reseller)).toMatchObject({ enabled: 'INHERIT', effectiveEnabled: true, effectiveDays: 10 });
  expect(await at(site)).toEqual({
    hierarchyNode: { id: site },
    enabled: 'INHERIT',
    effectiveEnabled: false,
    enabledSetAt: { id: customer },
    days: 5,
    effectiveDays: 5,
    daysSetAt: { id: site },
  });
  await set({ node: customer, enabled: 'INHERIT' });
  await set({ node: site, days: null });
  expect(await at(site)).toMatchObject({ effectiveEnabled: true, enabledSetAt: { id: provider }, effectiveDays: 10 });
  const told = await inventory.store.log.read({ after: 0, types: ['CoolingSettingsSet'], limit: 10 });
  expect(told.events.map(({ fields }) => [fields['enabled'], fields['days']])).toEqual([
    ['YES', 10],
    ['NO', null],
    ['INHERIT', 5],
    ['INHERIT', null],
    ['INHERIT', null],
  ]);
});

test.each([0, 1000, -1])('%i days are refused', async (days) => {
  const node = inventory.nodes.site;
  expect(await set({ node, days })).toEqual(['OUT_OF_RANGE days']);
});

test('the same again changes nothing and is told to nobody', async () => {
  const node = inventory.nodes.site;
  await set({ node, enabled: 'YES' });
  const { head } = await inventory.store.log.state();
  expect(await set({ node, enabled: 'YES' })).toEqual([]);
  expect(await set({ node })).toEqual([]);
  expect((await inventory.store.log.state()).head).toBe(head);
});
