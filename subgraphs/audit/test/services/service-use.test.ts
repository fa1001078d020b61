import { expect, it } from 'vitest';
import { SERVICE_KINDS, type NumberService, type ServiceKind } from '../../src/domain/number-service.js';
import { useOf } from '../../src/domain/service-use.js';

function service(kind: ServiceKind, more: Partial<NumberService> = {}): NumberService {
  return {
    id: 's1',
    version: 1,
    customer: 'acme',
    node: 'berlin',
    path: 'p.acme.berlin',
    ancestors: ['p', 'acme', 'berlin'],
    kind,
    name: 'X',
    line: 1,
    number: '4000',
    cluster: '',
    partition: '',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...more,
  };
}

it.each<[ServiceKind, string, string | null]>([
  ['PHONE', 'DEVICE', null],
  ['DEVICE_PROFILE', 'DEVICE', null],
  ['REMOTE_DESTINATION_PROFILE', 'DEVICE', null],
  ['HUNT_PILOT', 'HUNT_PILOT', null],
  ['PICKUP_GROUP_PILOT', 'PICKUP_GROUP_PILOT', null],
  ['CALL_HANDLER', 'CALL_HANDLER_PILOT', null],
  ['VOICEMAIL_PILOT', 'VOICEMAIL_PILOT', null],
  ['MEET_ME', 'MEET_ME', null],
  ['CTI_ROUTE_POINT', 'CTI_ROUTE_POINT', null],
  ['CALL_PARK', 'CALL_PARK', null],
  ['DIRECTED_CALL_PARK', 'DIRECTED_CALL_PARK', null],
  ['MULTI_VENDOR_PHONE', 'VOSS_PHONE', 'Poly'],
  ['TEAMS_USER', 'USER', 'Microsoft'],
  ['WEBEX_USER', 'USER', 'Webex Calling'],
])('a %s makes its number %s of vendor %s', (kind, usage, vendor) => {
  const own = SERVICE_KINDS[kind].vendor === 'OWN' ? { vendor: 'Poly' } : {};
  expect(useOf(service(kind, own))).toMatchObject({ ref: 's1', usage, vendor, node: 'berlin' });
});

it.each<[Partial<NumberService> & { kind: ServiceKind }, string]>([
  [{ kind: 'PHONE', name: 'SEP001122334455', cluster: 'east' }, 'phone SEP001122334455 line 1 (cluster east)'],
  [
    { kind: 'DEVICE_PROFILE', name: 'anna', line: 2, cluster: 'east', partition: 'internal' },
    'device profile anna line 2 (cluster east, partition internal)',
  ],
  [{ kind: 'HUNT_PILOT', name: 'Sales' }, 'hunt pilot Sales'],
  [{ kind: 'CALL_PARK', name: 'Lobby', line: 3, partition: 'internal' }, 'call park Lobby line 3 (partition internal)'],
])('%j is told as %s', (fields, words) => {
  expect(useOf(service(fields.kind, fields)).usedBy).toBe(words);
});
