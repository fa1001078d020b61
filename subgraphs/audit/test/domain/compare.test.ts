import type { AuditedNumber, ListedUse } from '@numberyard/schema/internal';
import { describe, expect, test } from 'vitest';
import { verdictOn, type AuditScope, type Gathered, type Verdict } from '../../src/domain/compare.js';
import { SERVICE_KINDS, type NumberService, type ServiceKind } from '../../src/domain/number-service.js';
import { service } from '../run/service.js';

const NUMBER = '+49301';

/** "a mixed mode of audit, which audits directory numbers at both Customer and Site level" */
const mixed: AuditScope = { customer: 'acme', level: 'CUSTOMER', siteCodes: false };
/** "All the Sites for the Customer" */
const allSites: AuditScope = { customer: 'acme', level: 'SITE', siteCodes: false };
/** "or selected Sites" */
const berlin: AuditScope = { ...allSites, sites: new Set(['berlin']) };
const coded: AuditScope = { ...allSites, siteCodes: true };

const at = (node: string, more: Partial<AuditedNumber> = {}): AuditedNumber => ({
  number: NUMBER,
  node,
  level: node === 'acme' ? 'CUSTOMER' : 'SITE',
  status: 'AVAILABLE',
  uses: [],
  consistent: true,
  mark: 'm',
  ...more,
});

const device = (node = 'acme', more: Partial<ListedUse> = {}): ListedUse => ({
  ref: 'user',
  number: NUMBER,
  connection: 'arm',
  node,
  status: 'USED',
  usage: 'DEVICE',
  vendor: 'AudioCodes',
  usedBy: 'registered user',
  cluster: null,
  partition: null,
  ...more,
});

const kept = ({ ref, usage, vendor }: ListedUse) => ({ source: 'REGISTERED_USER', ref, usage, vendor });
const used = (node: string, ...uses: ListedUse[]) => at(node, { status: 'USED', uses: uses.map(kept) });

function verdict(scope: AuditScope, gathered: Partial<Gathered>): Verdict {
  return verdictOn(scope, { number: NUMBER, uses: [], services: [], ...gathered });
}

describe('which numbers are audited', () => {
  const wrongAt = (node: string) => ({ inventory: used(node, device()) });
  test.each<[string, AuditScope, Partial<Gathered>, Verdict]>([
    ['level CUSTOMER updates numbers that exist at the customer', mixed, wrongAt('acme'), 'DIFFERS'],
    ['level CUSTOMER updates numbers that exist at sites as well', mixed, wrongAt('berlin'), 'DIFFERS'],
    ['level CUSTOMER adds numbers for what exists at the customer', mixed, { uses: [device()] }, 'DIFFERS'],
    ['level CUSTOMER adds numbers for what exists at a site', mixed, { uses: [device('berlin')] }, 'DIFFERS'],
    ['level SITE updates numbers that exist at a site', allSites, wrongAt('berlin'), 'DIFFERS'],
    ['level SITE audits no numbers of the customer', allSites, wrongAt('acme'), 'OUT_OF_SCOPE'],
    ['level SITE adds numbers for what exists at a site', allSites, { uses: [device('berlin')] }, 'DIFFERS'],
    ['level SITE adds none for what exists at the customer', allSites, { uses: [device()] }, 'OUT_OF_SCOPE'],
    [
      'level SITE tells of a number of the customer that something of a site uses',
      allSites,
      { inventory: at('acme'), uses: [device('berlin')] },
      'DIFFERS',
    ],
    [
      'level SITE tells of it where its uses are right as well',
      allSites,
      { inventory: used('acme', device('berlin')), uses: [device('berlin')] },
      'DIFFERS',
    ],
    [
      'level SITE tells of it while it cools',
      allSites,
      { inventory: at('acme', { status: 'COOLING' }), uses: [device('berlin')] },
      'DIFFERS',
    ],
    [
      'level SITE says nothing of a number of the customer that nothing of a site uses',
      allSites,
      { inventory: used('acme', device()), uses: [device()] },
      'OUT_OF_SCOPE',
    ],
    ['selected sites are audited', berlin, wrongAt('berlin'), 'DIFFERS'],
    ['sites that are not selected are not', berlin, wrongAt('paris'), 'OUT_OF_SCOPE'],
    ['selected sites get numbers added', berlin, { uses: [device('berlin')] }, 'DIFFERS'],
    ['sites that are not selected do not', berlin, { uses: [device('paris')] }, 'OUT_OF_SCOPE'],
    [
      'a number of another site that something of a selected one uses is told of',
      berlin,
      { inventory: at('paris'), uses: [device('berlin')] },
      'DIFFERS',
    ],
    [
      'where its uses are right as well',
      berlin,
      { inventory: used('paris', device('berlin')), uses: [device('berlin')] },
      'DIFFERS',
    ],
    [
      'and nothing is said of it where only something of the other site uses it',
      berlin,
      { inventory: used('paris', device('paris')), uses: [device('paris')] },
      'OUT_OF_SCOPE',
    ],
    [
      'where something of the other site uses it as well',
      berlin,
      { inventory: used('paris', device('paris')), uses: [device('paris'), device('berlin', { ref: 'other' })] },
      'DIFFERS',
    ],
    ['a home that follows from the digits is for the inventory to find', coded, { uses: [device()] }, 'DIFFERS'],
  ])('%s', (_sentence, scope, gathered, expected) => {
    expect(verdict(scope, gathered)).toBe(expected);
  });
});

describe('what is right', () => {
  test.each<[string, Partial<Gathered>, Verdict]>([
    ['Available and used by nothing', { inventory: at('acme') }, 'RIGHT'],
    ['used by what is kept', { inventory: used('acme', device()), uses: [device()] }, 'RIGHT'],
    ['assigned, and used by nothing else', { inventory: at('acme', { uses: [assignment] }) }, 'RIGHT'],
    ['marked Used and used by nothing', { inventory: used('acme', device()) }, 'DIFFERS'],
    ['Available and used', { inventory: at('acme'), uses: [device()] }, 'DIFFERS'],
    ['used by something else', { inventory: used('acme', device()), uses: [device('acme', { ref: 'b' })] }, 'DIFFERS'],
    ['of another usage', { inventory: used('acme', device()), uses: [device('acme', { usage: 'USER' })] }, 'DIFFERS'],
    ['of another vendor', { inventory: used('acme', device()), uses: [device('acme', { vendor: null })] }, 'DIFFERS'],
    [
      'a status that does not follow from its uses',
      { inventory: { ...used('acme', device()), consistent: false }, uses: [device()] },
      'DIFFERS',
    ],
    ['Cooling', { inventory: at('acme', { status: 'COOLING' }) }, 'SKIPPED'],
    ['Cooling and in use', { inventory: at('acme', { status: 'COOLING' }), uses: [device()] }, 'DIFFERS'],
    ['Reserved', { inventory: at('acme', { status: 'RESERVED' }) }, 'SKIPPED'],
    ['Reserved with uses that are gone', { inventory: { ...used('acme', device()), status: 'RESERVED' } }, 'SKIPPED'],
    [
      'Reserved and in use',
      { inventory: { ...used('acme', device()), status: 'RESERVED' }, uses: [device()] },
      'DIFFERS',
    ],
    [
      'devices of two connections',
      {
        inventory: used('acme', device(), device('acme', { ref: 'b' })),
        uses: [device(), device('acme', { ref: 'b', connection: 'other' })],
      },
      'DIFFERS',
    ],
    [
      'a device and an assignment of another vendor',
      { inventory: at('acme', { uses: [kept(device()), assignment] }), uses: [device()] },
      'DIFFERS',
    ],
  ])('%s', (_sentence, gathered, expected) => {
    expect(verdict(mixed, gathered)).toBe(expected);
  });

  test.each(Object.keys(SERVICE_KINDS) as ServiceKind[])('a %s that is kept as the status table has it', (kind) => {
    const own = kind === 'MULTI_VENDOR_PHONE' ? { vendor: 'Acme' } : {};
    const here = service('s', NUMBER, { kind, ...own });
    const { usage, vendor } = SERVICE_KINDS[kind];
    const use = { source: 'SERVICE', ref: 's', usage, vendor: vendor === 'OWN' ? 'Acme' : vendor };
    expect(verdict(mixed, { inventory: at('acme', { uses: [use] }), services: [here] })).toBe('RIGHT');
    const other = { ...use, usage: 'OTHER' };
    expect(verdict(mixed, { inventory: at('acme', { uses: [other] }), services: [here] })).toBe('DIFFERS');
    expect(verdict(mixed, { inventory: at('acme', { uses: [use] }) })).toBe('DIFFERS');
  });

  test('a device does not stand for a service of the same reference', () => {
    const here = service('user', NUMBER, { kind: 'PHONE' });
    expect(verdict(mixed, { inventory: used('acme', device('acme', { vendor: null })), services: [here] })).toBe(
      'DIFFERS',
    );
  });
});

describe('services of one number in several places', () => {
  const pilot = (id: string, cluster: string, partition: string): NumberService =>
    service(id, NUMBER, { cluster, partition });
  const verdictOf = (...services: NumberService[]) => {
    const uses = services.map(({ id }) => ({ source: 'SERVICE', ref: id, usage: 'HUNT_PILOT', vendor: null }));
    return verdict(mixed, { inventory: at('acme', { uses }), services });
  };
  test.each<[string, NumberService[], Verdict]>([
    ['in one cluster and partition', [pilot('a', 'east', 'P'), pilot('b', 'east', 'P')], 'RIGHT'],
    ['in two clusters', [pilot('a', 'east', 'P'), pilot('b', 'west', 'P')], 'DIFFERS'],
    ['in two partitions of one cluster', [pilot('a', 'east', 'P'), pilot('b', 'east', 'Q')], 'DIFFERS'],
    ['where one is in no cluster that is known', [pilot('a', 'east', 'P'), pilot('b', '', '')], 'RIGHT'],
  ])('%s', (_sentence, services, expected) => {
    expect(verdictOf(...services)).toBe(expected);
  });
});

const assignment = { source: 'ASSIGNMENT', ref: 'order 7', usage: 'USER', vendor: null };
