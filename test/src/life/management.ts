/** The part of the life in which people look after numbers, nodes and settings by hand. */
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { Narrator } from './narrator.js';

export interface ManagedPlaces {
  readonly provider: string;
  readonly customer: string;
  readonly site: string;
  /** With the numbers 2000 to 2019. */
  readonly other: string;
}

interface OneNumber {
  readonly id: string;
  readonly status: string;
}

/** Given to cooling and, one after the other, taken out of it by hand. */
const COOLED = '2010';
export const COOLED_LAST = '2011';
/** Of a user who leaves while number management is off. */
const LEFT = '+493023125006';

/** Cooling by hand and its settings, moves, edits, codes of sites, and the end of nodes. */
export async function tellManagement(
  life: Narrator,
  { provider, customer, site, other }: ManagedPlaces,
): Promise<void> {
  const number = async (text: string) => (await life.tell<OneNumber>('NumberByValue', { customer, number: text })).id;
  const make = async (parent: string, type: string, name: string, codes: object = {}) =>
    (await life.tell<{ hierarchyNode: { id: string } }>('CreateNode', { input: { parent, type, name, ...codes } }))
      .hierarchyNode.id;
  const change = (input: object) => life.tell('ChangeNode', { input });
  const ids = [await number(COOLED), await number(COOLED_LAST)];

  await life.tell('SetCoolingSettings', { input: { node: customer, enabled: 'YES', days: 12 } });
  await life.tell('SetCoolingSettings', { input: { node: other, enabled: 'NO' } });
  await life.tell('SetCoolingSettings', { input: { node: other, days: 1000 } });
  for (const node of [customer, site, other]) await life.tell('CoolingSettingsOf', { node });
  await life.tell('StartCooling', { input: { ids: [...ids, 'no number'] } });
  await life.tell('StartCooling', { input: { ids: ids.slice(0, 1), days: 3 } });
  await life.tell('NumberList', { filter: { within: other, status: ['COOLING'] }, first: 5 });
  await life.tell('EndCooling', { input: { ids: ids.slice(0, 1) } });
  await life.tell('EndCooling', { input: { ids } });
  await life.tell('SetCoolingSettings', { input: { node: other, enabled: 'INHERIT' } });
  await life.tell('CoolingSettingsOf', { node: other });

  const [id = ''] = ids;
  const extras = [{ name: 'floor', value: '3' }];
  await life.tell('UpdateNumber', { input: { id, description: 'a desk', tag: 'spare', extras, e164: '+49302310' } });
  await life.tell('UpdateNumber', { input: { id, tag: '', extras: [{ name: 'floor', value: null }] } });
  await life.tell('UpdateNumber', { input: { id: ids[1], e164: '+49302310' } });

  const quay = await make(customer, 'SITE', 'Quay');
  await life.tell('MoveNumbers', { input: { ids, node: quay } });
  await life.tell('MoveNumbers', { input: { ids, node: provider } });
  await life.tell('RetireNode', { input: { id: quay } });
  await life.tell('MoveNumbers', { input: { ids, node: other } });
  await life.tell('RetireNode', { input: { id: quay } });
  await change({ id: quay, name: 'Pier' });
  await life.tell('MoveNumbers', { input: { ids, node: quay } });

  const southern = await make(provider, 'RESELLER', 'Southern');
  const coded = await make(southern, 'CUSTOMER', 'Brook', { dialPlan: 'SITE_LOCATION_CODES' });
  const mill = await make(coded, 'SITE', 'Mill', { siteLocationCode: '81' });
  await life.tell('CreateNode', { input: { parent: coded, type: 'SITE', name: 'Weir', siteLocationCode: '812' } });
  await change({ id: mill, name: 'Old mill', siteLocationCode: '82' });
  await life.tell('AddNumbers', { input: { node: mill, numbers: ['8110'] } });
  await life.tell('AddNumbers', { input: { node: mill, numbers: ['8210'] } });
  await change({ id: mill, siteLocationCode: '83' });
  await change({ id: coded, dialPlan: 'FLAT' });
}

/** Number management switched off and on again, with a user leaving in between. */
export async function tellSwitch(
  life: Narrator,
  { customer, other }: ManagedPlaces,
  manager: RoutingManager,
  sync: () => Promise<unknown>,
): Promise<void> {
  await life.tell('ChangeNode', { input: { id: customer, numberManagement: false } });
  manager.control.drop(LEFT);
  await sync();
  await life.tell('NumberByValue', { customer, number: LEFT });
  const claim = { node: other, ref: 'desk 5', idempotencyKey: 'claim while off' };
  await life.tell('ClaimNumber', { input: claim });
  await life.tell('ChangeNode', { input: { id: customer, numberManagement: true } });
  const hasLeft = ({ status }: OneNumber) => status === 'COOLING';
  await life.tell<OneNumber>('NumberByValue', { customer, number: LEFT }, { until: hasLeft });
  await life.tell('ClaimNumber', { input: { ...claim, idempotencyKey: 'claim while on' } });
}
