/** The rules as tables, each with the sentence of the source it follows. */
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../src/domain/duration.js';
import { placementProblem, type HierarchyNode, type NodeType } from '../src/domain/hierarchy.js';
import { kindOf, readKind } from '../src/domain/kind.js';
import { COOLING_DURATION, effectiveMacro } from '../src/domain/macros.js';
import { e164Of, newNumber, type InventoryNumber, type NumberUse, type Usage } from '../src/domain/number.js';
import { numbersOf } from '../src/domain/number-list.js';
import { shown } from '../src/domain/status.js';
import { changeUses, coolingTag, endDue, reserve, unreserve, type CoolingRule } from '../src/domain/transitions.js';

const NOW = '2026-01-01T23:30:00.000Z';
const LATER = '2026-01-02T00:00:00.000Z';
const fresh = newNumber({ customer: 'c', node: 's', path: 'p.r.c.s' }, '1001', NOW, 'front desk');
const twoDays: CoolingRule = { audioCodes: () => ({ ms: 2 * 86_400_000, label: '2 days' }), standard: () => undefined };
const unasked = () => {
  throw new Error('no cooling was to start');
};
const never: CoolingRule = { audioCodes: unasked, standard: unasked };

function use(usage: Usage, rest: Partial<NumberUse> = {}): NumberUse {
  return { source: 'ASSIGNMENT', ref: `${usage} ${rest.since ?? ''}`, usage, since: NOW, ...rest };
}

const device: NumberUse = use('DEVICE', {
  source: 'REGISTERED_USER',
  ref: 'u1',
  vendor: 'AudioCodes',
  connection: 'arm',
});
const used = changeUses(fresh, { add: [device], remove: [] }, NOW, never)?.next as InventoryNumber;
const cooling = changeUses(used, { add: [], remove: [device] }, NOW, twoDays)?.next as InventoryNumber;

describe('status, usage and vendor, as shown', () => {
  const table: [string, Partial<InventoryNumber>, string, Usage[], string | undefined][] = [
    ['"nothing" is Available, usage blank', {}, 'AVAILABLE', [], undefined],
    ['"AudioCodes device: Used, Device, AudioCodes"', { uses: [device] }, 'USED', ['DEVICE'], 'AudioCodes'],
    [
      '"MS Teams line URI: Used, User, Microsoft"',
      { uses: [use('USER', { vendor: 'Microsoft' })] },
      'USED',
      ['USER'],
      'Microsoft',
    ],
    [
      '"hunt pilot: Used-Utility, Hunt_Pilot"',
      { uses: [use('HUNT_PILOT')] },
      'USED_UTILITY',
      ['HUNT_PILOT'],
      undefined,
    ],
    [
      '"pickup group pilot: Used-Utility"',
      { uses: [use('PICKUP_GROUP_PILOT')] },
      'USED_UTILITY',
      ['PICKUP_GROUP_PILOT'],
      undefined,
    ],
    [
      '"system call handler: Used-Utility"',
      { uses: [use('CALL_HANDLER_PILOT')] },
      'USED_UTILITY',
      ['CALL_HANDLER_PILOT'],
      undefined,
    ],
    [
      '"voicemail pilot: Used-Utility"',
      { uses: [use('VOICEMAIL_PILOT')] },
      'USED_UTILITY',
      ['VOICEMAIL_PILOT'],
      undefined,
    ],
    ['"Meet-Me: Used-Utility"', { uses: [use('MEET_ME')] }, 'USED_UTILITY', ['MEET_ME'], undefined],
    [
      '"CTI route point: Used-Utility"',
      { uses: [use('CTI_ROUTE_POINT')] },
      'USED_UTILITY',
      ['CTI_ROUTE_POINT'],
      undefined,
    ],
    ['"call park: Used-Utility"', { uses: [use('CALL_PARK')] }, 'USED_UTILITY', ['CALL_PARK'], undefined],
    [
      '"directed call park: Used-Utility"',
      { uses: [use('DIRECTED_CALL_PARK')] },
      'USED_UTILITY',
      ['DIRECTED_CALL_PARK'],
      undefined,
    ],
    ['"VOSS Phone: Used-Utility"', { uses: [use('VOSS_PHONE')] }, 'USED_UTILITY', ['VOSS_PHONE'], undefined],
    [
      '"used by both a phone and a hunt pilot shows both usages", Used wins',
      { uses: [use('HUNT_PILOT'), use('DEVICE')] },
      'USED',
      ['HUNT_PILOT', 'DEVICE'],
      undefined,
    ],
    ['two devices show the usage once', { uses: [device, { ...device, ref: 'u2' }] }, 'USED', ['DEVICE'], 'AudioCodes'],
    [
      'of several vendors the earliest use is shown, wherever it stands',
      { uses: [{ ...device, since: LATER }, use('USER', { vendor: 'Microsoft' })] },
      'USED',
      ['USER', 'DEVICE'],
      'Microsoft',
    ],
    [
      'Reserved wins over Used, without usage and vendor',
      { uses: [device], reservation: { reservedAt: NOW } },
      'RESERVED',
      [],
      undefined,
    ],
    [
      '"number in cooling: Cooling, usage none", the vendor kept',
      { cooling: cooling.cooling },
      'COOLING',
      [],
      'AudioCodes',
    ],
  ];
  test.each(table)('%s', (_, state, status, usage, vendor) => {
    expect(shown({ ...fresh, ...state })).toMatchObject({ status, usage, vendor });
    const kind = { status, usage, vendor } as ReturnType<typeof readKind>;
    const read = readKind(kindOf(kind));
    expect({ ...read, usage: [...read.usage].sort() }).toEqual({ ...kind, usage: [...usage].sort() });
  });

  test('a vendor may hold the character that parts a kind', () => {
    const kind = { status: 'USED', usage: ['USER'], vendor: 'A|B' } as const;
    expect(readKind(kindOf(kind))).toEqual(kind);
  });
});

describe('the life of a number', () => {
  test('"removal of a RegisteredUsers instance: Status Cooling, Tag, Release Date", and the tag from before is remembered', () => {
    const tagged = { ...used, ownTag: 'VIP' };
    const change = changeUses(tagged, { add: [], remove: [device] }, LATER, twoDays);
    expect(change?.event).toBe('NumberCoolingStarted');
    expect(change?.next).toMatchObject({
      cooling: { releaseDate: '2026-01-04T00:00:00.000Z', vendor: 'AudioCodes', connection: 'arm' },
    });
    expect(shown(change?.next ?? fresh).tag).toBe(
      'Registered user is either offline or deleted, release date 2026-01-02 + 2 days',
    );
    const back = changeUses(change?.next ?? fresh, { add: [device], remove: [] }, LATER, never);
    expect(back).toMatchObject({ event: 'NumberReturned', next: { cooling: undefined } });
    expect(shown(back?.next ?? fresh).tag).toBe('VIP');
  });

  test('the tag prints the UTC day of entering Cooling, not the release date', () => {
    expect(coolingTag(NOW, { ms: 60_000, label: 'PT60S' })).toBe(
      'Registered user is either offline or deleted, release date 2026-01-01 + PT60S',
    );
  });

  test('a use that is gone already, or there already, changes nothing and starts no cooling', () => {
    expect(changeUses(cooling, { add: [], remove: [device] }, LATER, never)).toBeUndefined();
    expect(changeUses(used, { add: [{ ...device, since: LATER }], remove: [] }, LATER, never)).toBeUndefined();
    expect(changeUses(fresh, { add: [], remove: [device] }, LATER, never)).toBeUndefined();
  });

  test('cooling for any cause ends when a device registers', () => {
    for (const cause of ['STANDARD', 'MANUAL'] as const) {
      const number = { ...cooling, cooling: { since: NOW, releaseDate: LATER, cause } };
      expect(changeUses(number, { add: [device], remove: [] }, NOW, never)).toMatchObject({
        event: 'NumberReturned',
        next: { cooling: undefined },
      });
    }
  });

  test('"put back into the Available pool": at the release date and not a millisecond before; description cleared', () => {
    expect(endDue(cooling, '2026-01-03T23:29:59.999Z')).toBeUndefined();
    const change = endDue(cooling, '2026-01-03T23:30:00.000Z');
    expect(change?.event).toBe('NumberReleased');
    expect(shown(change?.next ?? used)).toEqual({
      status: 'AVAILABLE',
      usage: [],
      vendor: undefined,
      connection: undefined,
      tag: undefined,
      releaseDate: undefined,
    });
    expect(change?.next).toMatchObject({ description: undefined });
  });

  test('the last use of no device goes: Available; one of two goes: still Used', () => {
    const pilot = use('HUNT_PILOT');
    const both = changeUses(used, { add: [pilot], remove: [] }, NOW, never)?.next ?? fresh;
    const one = changeUses(both, { add: [], remove: [device] }, LATER, never);
    expect(one).toMatchObject({ event: 'NumberChanged' });
    expect(shown(one?.next ?? fresh)).toMatchObject({ status: 'USED_UTILITY', usage: ['HUNT_PILOT'] });
    const none = changeUses(one?.next ?? fresh, { add: [], remove: [pilot] }, LATER, twoDays);
    expect(none?.event).toBe('NumberFreed');
    expect(shown(none?.next ?? used).status).toBe('AVAILABLE');
  });

  test('"blank = stays Reserved indefinitely"; with days it ends by itself, Used when a device took it meanwhile', () => {
    expect(endDue(reserve(fresh, NOW, {}).next, '2099-01-01T00:00:00.000Z')).toBeUndefined();
    const reserved = reserve(fresh, NOW, { days: 1, notes: 'n' }).next;
    expect(shown(reserved)).toMatchObject({ status: 'RESERVED', releaseDate: '2026-01-02T23:30:00.000Z' });
    expect(shown(endDue(reserved, '2026-01-02T23:30:00.000Z')?.next ?? used).status).toBe('AVAILABLE');
    const taken = changeUses(reserved, { add: [device], remove: [] }, NOW, never);
    expect(taken?.event).toBe('NumberChanged');
    expect(shown(unreserve(taken?.next ?? fresh, LATER).next).status).toBe('USED');
  });

  test('a device that leaves while its number is Reserved starts the cooling beneath the reservation', () => {
    const reserved = reserve(used, NOW, {}).next;
    const left = changeUses(reserved, { add: [], remove: [device] }, NOW, twoDays);
    expect(left?.event).toBe('NumberChanged');
    expect(shown(left?.next ?? used)).toMatchObject({ status: 'RESERVED', tag: undefined, releaseDate: undefined });
    const cooling = unreserve(left?.next ?? used, LATER);
    expect(cooling.event).toBe('NumberCoolingStarted');
    expect(shown(cooling.next)).toMatchObject({ status: 'COOLING', releaseDate: '2026-01-03T23:30:00.000Z' });
    const tooLate = unreserve(left?.next ?? used, '2026-01-04T00:00:00.000Z');
    expect(tooLate).toMatchObject({ event: 'NumberUnreserved', next: { cooling: undefined } });
    const back = changeUses(left?.next ?? used, { add: [device], remove: [] }, LATER, never);
    expect(back).toMatchObject({ event: 'NumberChanged', next: { cooling: undefined } });
    expect(shown(unreserve(back?.next ?? fresh, LATER).next).status).toBe('USED');
  });
});

describe('the cooling duration', () => {
  test.each([
    ['1', 86_400_000, '1 days'],
    ['999', 999 * 86_400_000, '999 days'],
    ['PT90S', 90_000, 'PT90S'],
    ['P1DT2H3M4S', 93_784_000, 'P1DT2H3M4S'],
    ['PT48H', 172_800_000, 'PT48H'],
    ['P999D', 999 * 86_400_000, 'P999D'],
  ])('%s is accepted', (value, ms, label) => {
    expect(parseDuration(value)).toEqual({ ms, label });
  });
  test.each([
    '0',
    '1000',
    '',
    ' 2',
    '2 days',
    '-1',
    '1.5',
    '02',
    'P',
    'PT',
    'P1DT',
    'P0D',
    'PT0S',
    'P1000D',
    'P999DT1S',
    'PT1.5S',
    'P1W',
    'P1M',
    'pt90s',
  ])('"%s" is refused', (value) => expect(parseDuration(value)).toBeUndefined());
  test('the nearest ancestor\'s macro is in force; "default setting is 2 days"', () => {
    const set = new Map([
      ['r', '5'],
      ['c', '7'],
    ]);
    const at = (path: string) => effectiveMacro(COOLING_DURATION, path, (node) => set.get(node));
    expect(at('p.r.c.s')).toEqual({ value: '7', node: 'c' });
    expect(at('p.r.x')).toEqual({ value: '5', node: 'r' });
    expect(at('p')).toEqual({ value: '2' });
  });
});

describe('ranges and lists', () => {
  const codes = (input: Parameters<typeof numbersOf>[0]) => {
    const list = numbersOf(input);
    return 'refusals' in list ? list.refusals.map(({ code, field }) => `${code} ${field}`) : list.numbers;
  };
  test.each([
    [
      'leading zeros and the plus are kept',
      { range: { start: '+0098', end: '+0101' } },
      ['+0098', '+0099', '+0100', '+0101'],
    ],
    ['"single number = start equal to end"', { range: { start: '7', end: '7' } }, ['7']],
    ['a plus may be written \\+', { range: { start: '\\+4911', end: '+4912' } }, ['+4911', '+4912']],
    ['upside down', { range: { start: '20', end: '19' } }, ['OUT_OF_RANGE range.end']],
    ['1,001 numbers', { range: { start: '1000', end: '2000' } }, ['OUT_OF_RANGE range.end']],
    ['letters at both ends', { range: { start: '10a', end: 'b' } }, ['INVALID range.start', 'INVALID range.end']],
    ['different lengths', { range: { start: '99', end: '100' } }, ['INVALID range.end']],
    ['one with a plus, one without', { range: { start: '+99', end: '100' } }, ['INVALID range.end']],
    [
      'digits beyond the precision of a double',
      { range: { start: '99999999999999999998', end: '99999999999999999999' } },
      ['99999999999999999998', '99999999999999999999'],
    ],
    [
      'a list names each number that is none and collapses repetitions',
      { numbers: ['1', 'x', '1', ''] },
      ['INVALID numbers.1', 'INVALID numbers.3'],
    ],
    ['a repeated number counts once', { numbers: ['1', '\\+1', '+1', '1'] }, ['1', '+1']],
    ['an empty list', { numbers: [] }, ['REQUIRED numbers']],
    ['neither', {}, ['REQUIRED range']],
    ['both', { range: { start: '1', end: '1' }, numbers: ['1'] }, ['INVALID numbers']],
  ])('%s', (_, input, expected) => expect(codes(input)).toEqual(expected));
  test('a range of exactly 1,000 is accepted', () => {
    expect(codes({ range: { start: '1000', end: '1999' } })).toHaveLength(1000);
  });
  test('E.164 is a plus, no zero, at most 15 digits', () => {
    expect(['+4930123', '4930123', '+0930', '+1234567890123456'].map(e164Of)).toEqual([
      '+4930123',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the hierarchy', () => {
  const chain = (...types: NodeType[]): HierarchyNode[] =>
    types.map((type, index) => ({
      id: `${index}`,
      type,
      name: type,
      parent: '',
      path: '',
      retired: false,
      createdAt: NOW,
    }));
  test.each<[NodeType, NodeType[], string | undefined]>([
    ['RESELLER', ['PROVIDER'], undefined],
    ['CUSTOMER', ['PROVIDER', 'RESELLER'], undefined],
    ['SITE', ['PROVIDER', 'RESELLER', 'CUSTOMER'], undefined],
    ['SITE', ['PROVIDER', 'RESELLER', 'CUSTOMER', 'INTERMEDIATE', 'INTERMEDIATE'], undefined],
    ['CUSTOMER', ['PROVIDER', 'INTERMEDIATE', 'RESELLER', 'INTERMEDIATE'], undefined],
    ['INTERMEDIATE', ['PROVIDER'], undefined],
    ['SITE', ['PROVIDER', 'RESELLER'], 'WRONG_NODE_TYPE'],
    ['SITE', ['PROVIDER', 'RESELLER', 'INTERMEDIATE'], 'WRONG_NODE_TYPE'],
    ['CUSTOMER', ['PROVIDER'], 'WRONG_NODE_TYPE'],
    ['CUSTOMER', ['PROVIDER', 'RESELLER', 'CUSTOMER'], 'WRONG_NODE_TYPE'],
    ['INTERMEDIATE', ['PROVIDER', 'RESELLER', 'CUSTOMER', 'SITE'], 'WRONG_NODE_TYPE'],
    ['PROVIDER', ['PROVIDER'], 'WRONG_NODE_TYPE'],
    [
      'INTERMEDIATE',
      Array.from({ length: 12 }, (_, index) => (index ? 'INTERMEDIATE' : 'PROVIDER') as NodeType),
      'OUT_OF_RANGE',
    ],
  ])('%s below %j: %s', (type, above, code) => {
    expect(placementProblem(type, chain(...above))?.code).toBe(code);
  });
});
