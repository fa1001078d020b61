/**
 * The status table, where we do otherwise, and every change of state, each with the sentence of its source or the decision it follows. Sources:
 * [Status] "Number Status and Usage", [Integration] "AudioCodes Device Number Integration", [Cooling] "Number Cooling", [Expiry] "Number Cooling Auto Expiry
 * Schedule", [Settings] "Global Settings", [Reservation] "Number Reservation", [Ranges] "Number Range Management".
 */
import { describe, expect, test } from 'vitest';
import { kindOf, readKind, type Kind } from '../src/domain/kind.js';
import { newNumber, type InventoryNumber, type NumberUse, type Status, type Usage } from '../src/domain/number.js';
import { shown } from '../src/domain/status.js';
import { DEVIATIONS, IDLE_ROWS, USE_ROWS } from '../src/domain/status-table.js';
import {
  changeUses,
  edit,
  endCooling,
  endDue,
  move,
  NUMBER_EVENTS,
  reserve,
  startCooling,
  unreserve,
  type Change,
  type CoolingRule,
} from '../src/domain/transitions.js';

const DAY = 86_400_000;
const at = (days: number) => new Date(Date.UTC(2026, 0, 1, 23, 30) + days * DAY).toISOString();
const NOW = at(0);
const fresh = newNumber({ customer: 'c', node: 's', path: 'p.r.c.s' }, '1001', NOW);

function use(usage: Usage, rest: Partial<NumberUse> = {}): NumberUse {
  return { source: 'ASSIGNMENT', ref: usage, usage, since: NOW, ...rest };
}
const device = use('DEVICE', { source: 'REGISTERED_USER', ref: 'u1', vendor: 'AudioCodes', connection: 'arm' });
const teams = use('USER', { vendor: 'Microsoft' });
const pilot = use('HUNT_PILOT');

describe('every row of the status table', () => {
  // What uses the number, its model, and [Status]: status, usage, vendor as the page gives them.
  const rows: [string, string, Status, Usage | null, string | null][] = [
    ['phone line', 'device/cucm/Phone', 'USED', 'DEVICE', null],
    ['device profile line', 'device/cucm/DeviceProfile', 'USED', 'DEVICE', null],
    ['remote destination profile line', 'device/cucm/RemoteDestinationProfile', 'USED', 'DEVICE', null],
    ['hunt pilot', 'device/cucm/HuntPilot', 'USED_UTILITY', 'HUNT_PILOT', null],
    ['pickup group pilot', 'device/cucm/CallPickupGroup', 'USED_UTILITY', 'PICKUP_GROUP_PILOT', null],
    ['system call handler', 'device/cuc/Callhandler', 'USED_UTILITY', 'CALL_HANDLER_PILOT', null],
    ['voicemail pilot', 'device/cucm/VoicemailPilot', 'USED_UTILITY', 'VOICEMAIL_PILOT', null],
    ['Meet-Me', 'device/cucm/MeetMe', 'USED_UTILITY', 'MEET_ME', null],
    ['CTI route point', 'device/cucm/CtiRoutePoint', 'USED_UTILITY', 'CTI_ROUTE_POINT', null],
    ['call park', 'device/cucm/CallPark', 'USED_UTILITY', 'CALL_PARK', null],
    ['directed call park', 'device/cucm/DirectedCallPark', 'USED_UTILITY', 'DIRECTED_CALL_PARK', null],
    ['VOSS Phone', 'data/PRS_MultiVendorPhone_DAT', 'USED_UTILITY', 'VOSS_PHONE', 'OWN'],
    ['MS Teams line URI', 'device/msteamsonline/CsOnlineUser', 'USED', 'USER', 'Microsoft'],
    ['Webex user', 'device/spark/Number', 'USED', 'USER', 'Webex Calling'],
    // [Integration]: "Status: Used, Usage: Device, Vendor: AudioCodes"
    ['AudioCodes device', 'device/audiocodes', 'USED', 'DEVICE', 'AudioCodes'],
    ['nothing', '', 'AVAILABLE', null, null],
    ['number in cooling', '', 'COOLING', null, null],
    ['number reserved', '', 'RESERVED', null, null],
  ];

  test('is in the table that is shown by, and the table has no other', () => {
    const held = [
      ...USE_ROWS.map(({ usedBy, model, status, usage, vendor }) => [usedBy, model, status, usage, vendor]),
      ...IDLE_ROWS.map(({ state, status }) => [state, '', status, null, null]),
    ];
    expect(held).toEqual(rows);
  });

  test.each(rows.filter(([, model]) => model !== ''))('%s (%s): %s, %s, vendor %s', (_, __, status, usage, vendor) => {
    const given = vendor === 'OWN' ? 'Zoom' : vendor;
    const uses = [use(usage ?? 'DEVICE', { ...(given !== null && { vendor: given }) })];
    const seen = shown({ ...fresh, uses });
    expect(seen).toMatchObject({ status, usage: [usage] });
    expect(seen.vendor ?? null).toBe(given);
    expect(readKind(kindOf(seen))).toEqual({ status, usage: [usage], vendor: given ?? undefined });
  });

  test.each<[string, Partial<InventoryNumber>, Status]>([
    ['nothing: "Available", usage and vendor blank', {}, 'AVAILABLE'],
    [
      'number in cooling: "Cooling", usage none',
      { cooling: { since: NOW, releaseDate: at(1), cause: 'MANUAL' } },
      'COOLING',
    ],
    ['number reserved: "Reserved", usage none', { reservation: { reservedAt: NOW } }, 'RESERVED'],
  ])('%s', (_, state, status) => {
    expect(shown({ ...fresh, ...state })).toMatchObject({ status, usage: [], vendor: undefined });
  });

  test('a vendor may hold the character that parts a kind', () => {
    const kind: Kind = { status: 'USED', usage: ['USER'], vendor: 'A|B' };
    expect(readKind(kindOf(kind))).toEqual(kind);
  });
});

describe('every deviation from the status table', () => {
  const cooled = { since: NOW, releaseDate: at(1), cause: 'AUDIOCODES', vendor: 'AudioCodes' } as const;
  const shows: Record<keyof typeof DEVIATIONS, () => void> = {
    noInactive: () => expect([...USE_ROWS, ...IDLE_ROWS].map(({ status }) => status)).not.toContain('INACTIVE'),
    availableHasNoVendor: () => {
      const used = { ...fresh, uses: [teams] };
      const change = changeUses(used, { add: [], remove: [teams] }, NOW, off);
      expect(shown(change?.next ?? used)).toMatchObject({ status: 'AVAILABLE', vendor: undefined });
    },
    coolingKeepsVendor: () =>
      expect(shown({ ...fresh, cooling: cooled })).toMatchObject({ status: 'COOLING', vendor: 'AudioCodes' }),
    reservedHasNoVendor: () =>
      expect(shown({ ...fresh, uses: [teams], reservation: { reservedAt: NOW } }).vendor).toBeUndefined(),
    usedWinsOverUtility: () =>
      expect(shown({ ...fresh, uses: [pilot, device] })).toMatchObject({
        status: 'USED',
        usage: ['HUNT_PILOT', 'DEVICE'],
      }),
    earliestVendorShows: () => {
      const uses = [{ ...device, since: at(1) }, teams];
      expect(shown({ ...fresh, uses })).toMatchObject({ vendor: 'Microsoft', usage: ['USER', 'DEVICE'] });
    },
    reservedWinsOverUsed: () =>
      expect(shown({ ...fresh, uses: [device], reservation: { reservedAt: NOW } })).toMatchObject({
        status: 'RESERVED',
        usage: [],
      }),
  };
  test.each(Object.entries(DEVIATIONS))('%s: $document Here: $here', (name, { reason }) => {
    expect(reason).not.toBe('');
    shows[name as keyof typeof DEVIATIONS]();
  });
});

const macro = { audioCodes: () => ({ ms: 2 * DAY, label: '2 days' }) };
const off: CoolingRule = { ...macro, standard: () => undefined };
const on: CoolingRule = { ...macro, standard: () => ({ days: 30 }) };
const TAG = 'Registered user is either offline or deleted, release date 2026-01-01 + 2 days';

/** A number as it stands before something happens to it, by name. */
const STATES = {
  available: { ...fresh, description: 'front desk', ownTag: 'VIP' },
  'used by a device': { ...fresh, description: 'front desk', ownTag: 'VIP', uses: [device] },
  'used by two devices': { ...fresh, uses: [device, { ...device, ref: 'u2', connection: 'arm2' }] },
  'used by a device and a hunt pilot': { ...fresh, uses: [device, pilot] },
  assigned: { ...fresh, description: 'front desk', uses: [teams] },
  'cooling for a device': {
    ...fresh,
    ownTag: 'VIP',
    cooling: {
      since: NOW,
      releaseDate: at(2),
      cause: 'AUDIOCODES',
      tag: TAG,
      vendor: 'AudioCodes',
      connection: 'arm',
    },
  },
  'cooling by hand': { ...fresh, ownTag: 'VIP', cooling: { since: NOW, releaseDate: at(2), cause: 'MANUAL' } },
  'cooling by the settings': { ...fresh, cooling: { since: NOW, releaseDate: at(2), cause: 'STANDARD' } },
  reserved: { ...fresh, reservation: { reservedAt: NOW } },
  'reserved for a day': { ...fresh, reservation: { reservedAt: NOW, until: at(1) } },
  'reserved and used by a device': { ...fresh, uses: [device], reservation: { reservedAt: NOW, until: at(1) } },
  'reserved and cooling beneath': {
    ...fresh,
    cooling: { since: NOW, releaseDate: at(2), cause: 'AUDIOCODES', tag: TAG, vendor: 'AudioCodes' },
    reservation: { reservedAt: NOW, until: at(1) },
  },
} as const satisfies Record<string, InventoryNumber>;

type Happening = (number: InventoryNumber) => Change | undefined;
const comes =
  (come: NumberUse): Happening =>
  (number) =>
    changeUses(number, { add: [come], remove: [] }, NOW, on);
const goes =
  (gone: NumberUse, rule: CoolingRule = off): Happening =>
  (number) =>
    changeUses(number, { add: [], remove: [gone] }, NOW, rule);
const due =
  (days: number): Happening =>
  (number) =>
    endDue(number, at(days));

interface After {
  event: (typeof NUMBER_EVENTS)[number];
  status: Status;
  usage?: Usage[];
  vendor?: string | undefined;
  tag?: string | undefined;
  releaseDate?: string | undefined;
  description?: string | undefined;
}

describe('every change of state', () => {
  // State before; what happens; the sentence or decision; the event and what is shown, null when nothing changes.
  const table: [keyof typeof STATES, string, Happening, string, After | null][] = [
    // prettier-ignore
    ['available', 'a device registers', comes(device), '[Integration] "Status: Used, Usage: Device, Vendor: AudioCodes"',
      { event: 'NumberUsed', status: 'USED', usage: ['DEVICE'], vendor: 'AudioCodes', tag: 'VIP' }],
    // prettier-ignore
    ['available', 'it is assigned', comes(teams), '[Status] the row of the use',
      { event: 'NumberUsed', status: 'USED', usage: ['USER'], vendor: 'Microsoft', description: 'front desk' }],
    // prettier-ignore
    ['available', 'it is assigned to a pilot', comes(pilot), '[Status] the row of the use',
      { event: 'NumberUsed', status: 'USED_UTILITY', usage: ['HUNT_PILOT'], vendor: undefined }],
    // prettier-ignore
    ['available', 'a device that never had it goes', goes(device), 'decision: nothing happened to the number', null],
    // prettier-ignore
    ['available', 'it is reserved', (number) => reserve(number, NOW, {}), '[Reservation] "blank = stays Reserved indefinitely"',
      { event: 'NumberReserved', status: 'RESERVED', releaseDate: undefined }],
    // prettier-ignore
    ['available', 'it is reserved for a day', (number) => reserve(number, NOW, { days: 1 }), '[Reservation] "Reservation duration (days)"',
      { event: 'NumberReserved', status: 'RESERVED', releaseDate: at(1) }],
    // prettier-ignore
    ['available', 'it is put into cooling by hand', (number) => startCooling(number, NOW, 999), '[Cooling] "Apply cooling: optional duration in days, max 999"',
      { event: 'NumberCoolingStarted', status: 'COOLING', vendor: undefined, tag: 'VIP', releaseDate: at(999) }],
    // prettier-ignore
    ['available', 'its description and tag change', (number) => edit(number, { description: '', tag: 'x' }, NOW), '[Ranges] "On modify only free-text fields are editable"',
      { event: 'NumberChanged', status: 'AVAILABLE', tag: 'x', description: undefined }],
    // prettier-ignore
    ['available', 'it is given the tag it has', (number) => edit(number, { tag: 'VIP' }, NOW), 'decision: what changes nothing tells nothing', null],
    // prettier-ignore
    ['available', 'it is moved', (number) => move(number, { node: 't', path: 'p.r.c.t' }, NOW), 'decision: moves change where, not what',
      { event: 'NumberMoved', status: 'AVAILABLE', tag: 'VIP', description: 'front desk' }],
    // prettier-ignore
    ['available', 'it is moved to where it lives', (number) => move(number, { node: 's', path: 'p.r.c.s' }, NOW), 'decision: what changes nothing tells nothing', null],
    // prettier-ignore
    ['available', 'time passes', due(9999), 'decision: nothing ends', null],

    // prettier-ignore
    ['used by a device', 'the device goes', goes(device), '[Integration] "the internal number is placed into a configurable cooling period, with Status as Cooling"; its vendor is kept',
      { event: 'NumberCoolingStarted', status: 'COOLING', usage: [], vendor: 'AudioCodes', tag: TAG, releaseDate: at(2) }],
    // prettier-ignore
    ['used by a device', 'the device goes where global cooling is on', goes(device, on), 'decision: devices of AudioCodes follow their macro alone',
      { event: 'NumberCoolingStarted', status: 'COOLING', releaseDate: at(2) }],
    // prettier-ignore
    ['used by a device', 'the device is found again', comes({ ...device, since: at(1) }), 'decision: a use is one, however often it is seen', null],
    // prettier-ignore
    ['used by a device', 'a pilot takes it too', comes(pilot), '[Status] "shows both usages"',
      { event: 'NumberChanged', status: 'USED', usage: ['DEVICE', 'HUNT_PILOT'], vendor: 'AudioCodes' }],
    // prettier-ignore
    ['used by a device', 'it passes to another device at once',
      (number) => changeUses(number, { add: [{ ...device, ref: 'u2' }], remove: [device] }, NOW, on),
      'decision: it never cools in between', { event: 'NumberChanged', status: 'USED' }],
    // prettier-ignore
    ['used by a device', 'it is moved', (number) => move(number, { node: 't', path: 'p.r.c.t' }, NOW), 'decision: numbers of any status move',
      { event: 'NumberMoved', status: 'USED' }],
    // prettier-ignore
    ['used by two devices', 'one of them goes', goes(device), '[Integration] a number is free when its last registration is gone',
      { event: 'NumberChanged', status: 'USED' }],
    // prettier-ignore
    ['used by a device and a hunt pilot', 'the device goes', goes(device), '[Status] the row of the use that is left',
      { event: 'NumberChanged', status: 'USED_UTILITY', usage: ['HUNT_PILOT'] }],
    // prettier-ignore
    ['used by a device and a hunt pilot', 'the pilot goes', goes(pilot, on), '[Status] the row of the use that is left',
      { event: 'NumberChanged', status: 'USED', usage: ['DEVICE'], vendor: 'AudioCodes' }],

    // prettier-ignore
    ['assigned', 'it is released', goes(teams), '[Settings] "Enable Number Inventory Cooling": no, so it is Available; its description is cleared',
      { event: 'NumberFreed', status: 'AVAILABLE', usage: [], vendor: undefined, description: undefined }],
    // prettier-ignore
    ['assigned', 'it is released where global cooling is on', goes(teams, on), '[Settings] "Number Inventory Cooling Duration (Days)", default 30',
      { event: 'NumberCoolingStarted', status: 'COOLING', vendor: 'Microsoft', tag: undefined, releaseDate: at(30), description: 'front desk' }],

    // prettier-ignore
    ['cooling for a device', 'the device comes back', comes(device), '[Integration] back within the period: Used, Device, AudioCodes',
      { event: 'NumberReturned', status: 'USED', usage: ['DEVICE'], vendor: 'AudioCodes', tag: 'VIP', releaseDate: undefined }],
    // prettier-ignore
    ['cooling for a device', 'the device is found missing again', goes(device), 'decision: the first release date holds', null],
    // prettier-ignore
    ['cooling for a device', 'a millisecond is left', (number) => endDue(number, '2026-01-03T23:29:59.999Z'), 'decision: none is released early', null],
    // prettier-ignore
    ['cooling for a device', 'its release date is reached', due(2), '[Integration] "When the Release Date has been reached, the INI is put back into the Available pool"',
      { event: 'NumberReleased', status: 'AVAILABLE', vendor: undefined, tag: 'VIP', releaseDate: undefined, description: undefined }],
    // prettier-ignore
    ['cooling for a device', 'its release date was missed by years', due(1000), 'decision: nothing is ever too old to be released, unlike [Expiry] "the last 20 days"',
      { event: 'NumberReleased', status: 'AVAILABLE' }],
    // prettier-ignore
    ['cooling for a device', 'cooling is ended by hand', (number) => endCooling(number, NOW), '[Cooling] "Remove from cooling: returns numbers to Available"',
      { event: 'NumberCoolingEnded', status: 'AVAILABLE', vendor: undefined, tag: 'VIP', releaseDate: undefined }],
    // prettier-ignore
    ['cooling for a device', 'it is given a tag', (number) => edit(number, { tag: 'x' }, NOW), 'decision: the tag tells of the release date until cooling ends',
      { event: 'NumberChanged', status: 'COOLING', tag: TAG, releaseDate: at(2) }],
    // prettier-ignore
    ['cooling for a device', 'it is moved', (number) => move(number, { node: 't', path: 'p.r.c.t' }, NOW), 'decision: a move does not change the release date',
      { event: 'NumberMoved', status: 'COOLING', tag: TAG, releaseDate: at(2) }],
    // prettier-ignore
    ['cooling by hand', 'a device registers', comes(device), 'decision: cooling "for whatever reason" ends when a device is there',
      { event: 'NumberReturned', status: 'USED', vendor: 'AudioCodes', tag: 'VIP' }],
    // prettier-ignore
    ['cooling by hand', 'its release date is reached', due(2), '[Expiry] returns numbers to the pool of the same hierarchy',
      { event: 'NumberReleased', status: 'AVAILABLE', tag: 'VIP' }],
    // prettier-ignore
    ['cooling by hand', 'cooling is ended by hand', (number) => endCooling(number, NOW), '[Cooling] "an administrator removes it"',
      { event: 'NumberCoolingEnded', status: 'AVAILABLE', tag: 'VIP' }],
    // prettier-ignore
    ['cooling by the settings', 'a device registers', comes(device), 'decision: cooling "for whatever reason" ends when a device is there',
      { event: 'NumberReturned', status: 'USED' }],
    // prettier-ignore
    ['cooling by the settings', 'its release date is reached', due(2), '[Expiry] returns numbers to the pool of the same hierarchy',
      { event: 'NumberReleased', status: 'AVAILABLE' }],

    // prettier-ignore
    ['reserved', 'the reservation is ended', (number) => unreserve(number, NOW), '[Reservation] "unreserve by hand returns it to Available"',
      { event: 'NumberUnreserved', status: 'AVAILABLE' }],
    // prettier-ignore
    ['reserved', 'years pass', due(9999), '[Reservation] "stays Reserved indefinitely"', null],
    // prettier-ignore
    ['reserved', 'a device registers', comes(device), 'decision: the use is kept, the status stays',
      { event: 'NumberChanged', status: 'RESERVED', usage: [], vendor: undefined }],
    // prettier-ignore
    ['reserved for a day', 'the day is over', due(1), 'decision: reservations end at their instant by the same sweep',
      { event: 'NumberUnreserved', status: 'AVAILABLE' }],
    // prettier-ignore
    ['reserved and used by a device', 'the reservation is ended', (number) => unreserve(number, NOW), 'decision: Used the moment the reservation ends',
      { event: 'NumberUnreserved', status: 'USED', usage: ['DEVICE'], vendor: 'AudioCodes' }],
    // prettier-ignore
    ['reserved and used by a device', 'its day is over', due(1), 'decision: Used the moment the reservation ends',
      { event: 'NumberUnreserved', status: 'USED' }],
    // prettier-ignore
    ['reserved and used by a device', 'the device goes', goes(device), 'decision: it cools beneath the reservation, and shows neither tag nor date of it',
      { event: 'NumberChanged', status: 'RESERVED', tag: undefined, releaseDate: at(1) }],
    // prettier-ignore
    ['reserved and cooling beneath', 'the reservation ends in time', (number) => unreserve(number, at(1)), 'decision: it cools for what is left of its period',
      { event: 'NumberCoolingStarted', status: 'COOLING', tag: TAG, releaseDate: at(2) }],
    // prettier-ignore
    ['reserved and cooling beneath', 'the reservation ends later', (number) => unreserve(number, at(3)), 'decision: its period is over',
      { event: 'NumberUnreserved', status: 'AVAILABLE', tag: undefined }],
    // prettier-ignore
    ['reserved and cooling beneath', 'the device comes back', comes(device), 'decision: the cooling beneath ends',
      { event: 'NumberChanged', status: 'RESERVED' }],
  ];

  test.each(table)('%s: %s — $3', (state, _, happen, __, after) => {
    const change = happen(STATES[state]);
    if (after === null) {
      expect(change).toBeUndefined();
      return;
    }
    const next = change?.next ?? fresh;
    const seen = { event: change?.event, ...shown(next), description: next.description };
    expect(seen).toMatchObject(after);
    // What nobody asked to change stays.
    expect(next).toMatchObject({ id: fresh.id, number: fresh.number, customer: fresh.customer, createdAt: NOW });
  });

  test('every event of a number but its making and deletion is brought about by one of them', () => {
    const told = new Set(table.map((line) => line[4]?.event));
    expect(NUMBER_EVENTS.filter((event) => !told.has(event))).toEqual(['NumberAdded', 'NumberDeleted']);
  });
});
