/**
 * What an audit makes of a number: every row of the status table, in every mode, whatever the number was and whatever uses it, each with the sentence it
 * follows. Sources: [Audit] "Audit Number Inventory", [Status] "Number Status and Usage", [Integration] "AudioCodes Device Number Integration", [Settings]
 * "Global Settings"; what these leave open is marked as a decision.
 */
import type { CorrectionKind } from '@numberyard/schema/internal';
import { describe, expect, test } from 'vitest';
import { markOf, type StoredNumber } from '../src/domain/audited-number.js';
import { conflictsOf, judge, type AuditScope, type ExpectedUse, type Judgement } from '../src/domain/correction.js';
import { newNumber, type InventoryNumber, type NumberUse } from '../src/domain/number.js';
import { shown, type Shown } from '../src/domain/status.js';
import { USE_ROWS, type UseRow } from '../src/domain/status-table.js';
import type { CoolingRule, NumberEventType } from '../src/domain/transitions.js';

const DAY = 86_400_000;
const at = (days: number) => new Date(Date.UTC(2026, 0, 1) + days * DAY).toISOString();
const BEFORE = at(0);
const NOW = at(10);

const PATHS = { customer: 'p.r.customer', site: 'p.r.customer.site', other: 'p.r.customer.other' } as const;
type Place = keyof typeof PATHS;

/** The mode of an audit; the specific one audits `site` and not `other`. */
const MODES = {
  customer: { level: 'CUSTOMER', customer: 'customer' },
  'all sites': { level: 'SITE', customer: 'customer' },
  'one site': { level: 'SITE', customer: 'customer', sites: new Set(['site']) },
} as const satisfies Record<string, AuditScope>;
type Mode = keyof typeof MODES;
const ALL_MODES = Object.keys(MODES) as Mode[];

const macro = { audioCodes: () => ({ ms: 2 * DAY, label: '2 days' }) };
const COOLING_OFF: CoolingRule = { ...macro, standard: () => undefined };
const COOLING_ON: CoolingRule = { ...macro, standard: () => ({ days: 30 }) };

function placed(place: Place, state: Partial<InventoryNumber> = {}, stored: Partial<Shown> = {}): StoredNumber {
  const number = { ...newNumber({ customer: 'customer', node: place, path: PATHS[place] }, '1001', BEFORE), ...state };
  return { ...number, ...shown(number), ...stored };
}

/** What uses the number by a row of the table: a device for the row of AudioCodes, else a service. */
function used({ usage, vendor }: Pick<UseRow, 'usage' | 'vendor'>, node: Place = 'site', ref = 'x'): ExpectedUse {
  const given = vendor === 'OWN' ? 'Zoom' : vendor;
  const isDevice = vendor === 'AudioCodes';
  return {
    source: isDevice ? 'REGISTERED_USER' : 'SERVICE',
    ref,
    usage,
    node,
    usedBy: 'something',
    ...(given !== null && { vendor: given }),
    ...(isDevice && { connection: 'arm' }),
  };
}

function kept({ usedBy: _usedBy, node: _node, ...use }: ExpectedUse, since = BEFORE): NumberUse {
  return { ...use, since };
}

function judged(
  number: StoredNumber | undefined,
  expected: readonly ExpectedUse[],
  mode: Mode = 'customer',
  more: { mark?: string | null; rule?: CoolingRule; home?: Place | 'misplaced' | undefined } = {},
): Judgement {
  const { mark = number ? markOf(number) : null, rule = COOLING_OFF } = more;
  const place = 'home' in more ? more.home : mode === 'customer' ? 'customer' : 'site';
  const home =
    place === 'misplaced'
      ? { misplaced: 'It fits no site.' }
      : place && { customer: 'customer', node: place, path: PATHS[place] };
  return judge({ value: '1001', number, mark, expected, home }, MODES[mode], NOW, rule);
}

const PILOT = USE_ROWS.find(({ usage }) => usage === 'HUNT_PILOT') ?? USE_ROWS[0]!;
const DEVICE = USE_ROWS.find(({ vendor }) => vendor === 'AudioCodes') ?? USE_ROWS[0]!;
const PHONE = USE_ROWS[0]!;
const assignment: NumberUse = { source: 'ASSIGNMENT', ref: 'order 7', usage: 'USER', since: BEFORE };

/** Of what the number may have been before, by the row that uses it now; undefined: it was not there. */
type Was = (row: UseRow) => StoredNumber | undefined;
const WAS = {
  'not in the inventory': () => undefined,
  Available: () => placed('site'),
  'used by exactly this': (row) => placed('site', { uses: [kept(used(row))] }),
  'used by the same with another usage': (row) =>
    placed('site', { uses: [kept({ ...used(row), usage: row.usage === 'MEET_ME' ? 'CALL_PARK' : 'MEET_ME' })] }),
  'used by the same with another vendor': (row) =>
    placed('site', { uses: [{ ...kept(used(row)), vendor: 'Old vendor' }] }),
  'used by something else': (row) => placed('site', { uses: [kept(used(row, 'site', 'gone'))] }),
  'used by this and something else': (row) =>
    placed('site', { uses: [kept(used(row)), kept(used(row, 'site', 'gone'))] }),
  assigned: () => placed('site', { uses: [assignment] }),
  'marked Available by mistake': (row) =>
    placed('site', { uses: [kept(used(row))] }, { status: 'AVAILABLE', usage: [], vendor: undefined }),
  'Used with the usage of another': (row) =>
    placed('site', { uses: [kept(used(row))] }, { usage: [row.usage === 'MEET_ME' ? 'CALL_PARK' : 'MEET_ME'] }),
  Cooling: () => placed('site', { cooling: { since: BEFORE, releaseDate: at(40), cause: 'STANDARD' } }),
  'Cooling for a device': () =>
    placed('site', { cooling: { since: BEFORE, releaseDate: at(40), cause: 'AUDIOCODES', vendor: 'AudioCodes' } }),
  Reserved: () => placed('site', { reservation: { reservedAt: BEFORE } }),
  'Reserved, with the use beneath': (row) =>
    placed('site', { uses: [kept(used(row))], reservation: { reservedAt: BEFORE } }),
} satisfies Record<string, Was>;

const CREATE = '[Audit] "The audit will create new numbers for devices or services that don\'t already exist"';
const UPDATE =
  '[Audit] "update existing number entries to make sure the Status and Usage fields reflect the correct information at the time the audit is run"';
const SKIP = '[Audit] "Numbers that are in a Cooling or Reserved state will not be audited"';

describe('every row of the status table, in every mode, at an audited place', () => {
  const table: [keyof typeof WAS, CorrectionKind, NumberEventType | null, string][] = [
    ['not in the inventory', 'CREATED', 'NumberAdded', CREATE],
    ['Available', 'MARKED_USED', 'NumberUsed', UPDATE],
    ['used by exactly this', 'UNCHANGED', null, 'decision: what is right is not touched'],
    ['used by the same with another usage', 'USES_CORRECTED', 'NumberChanged', UPDATE],
    ['used by the same with another vendor', 'USES_CORRECTED', 'NumberChanged', UPDATE],
    ['used by something else', 'USES_CORRECTED', 'NumberChanged', UPDATE],
    ['used by this and something else', 'USES_CORRECTED', 'NumberChanged', UPDATE],
    ['marked Available by mistake', 'MARKED_USED', 'NumberUsed', UPDATE],
    ['Used with the usage of another', 'USES_CORRECTED', 'NumberChanged', UPDATE],
    ['Cooling', 'SKIPPED_COOLING', null, SKIP],
    ['Cooling for a device', 'SKIPPED_COOLING', null, `${SKIP}; a device that is back is left to the sync`],
    ['Reserved', 'SKIPPED_RESERVED', null, SKIP],
    ['Reserved, with the use beneath', 'SKIPPED_RESERVED', null, `${SKIP}; somebody has to know that it is in use`],
  ];
  const cases = table.flatMap(([was, kind, event, sentence]) =>
    ALL_MODES.map((mode) => [was, mode, kind, event, sentence] as const),
  );

  test.each(cases)('%s, mode %s: %s (%s) — %s', (was, mode, kind, event) => {
    for (const row of USE_ROWS) {
      const before = WAS[was](row);
      const { change, ...judgement } = judged(before, [used(row)], mode);
      expect([row.usedBy, judgement.kind, change?.event ?? null]).toEqual([row.usedBy, kind, event]);
      if (!change) continue;
      // [Status]: what the row says, of a number whatever it was.
      const { vendor } = used(row);
      expect(shown(change.next)).toMatchObject({ status: row.status, usage: [row.usage], releaseDate: undefined });
      expect([row.usedBy, shown(change.next).vendor]).toEqual([row.usedBy, vendor]);
      expect(change.next.uses).toHaveLength(1);
      // What goes on is as old as it is; what is new begins with the audit.
      const isOn = before?.uses.some(({ ref }) => ref === 'x') ?? false;
      expect(change.next.uses[0]?.since).toBe(isOn ? BEFORE : NOW);
      // [Audit] "Number entries will not be deleted", and none moves.
      if (before) expect(change.next).toMatchObject({ id: before.id, node: before.node, path: before.path });
      else expect(change.next.node).toBe(mode === 'customer' ? 'customer' : 'site');
      // Corrected once, it is right.
      const after = { ...change.next, ...shown(change.next) };
      const again = judged(after, [used(row)], mode);
      expect(again).toEqual({ kind: 'UNCHANGED' });
    }
  });

  test.each(ALL_MODES)(
    'mode %s: with a hunt pilot beside it, both usages — [Status] "shows both usages"; Used wins over Used-Utility',
    (mode) => {
      for (const row of USE_ROWS.filter(({ usage }) => usage !== 'HUNT_PILOT')) {
        const both = [used(row), used(PILOT, 'site', 'pilot')];
        for (const was of [
          'not in the inventory',
          'Available',
          'used by exactly this',
          'used by something else',
        ] as const) {
          const { change } = judged(WAS[was](row), both, mode);
          expect(change && shown(change.next)).toMatchObject({
            status: row.status === 'USED' ? 'USED' : 'USED_UTILITY',
            usage: [row.usage, 'HUNT_PILOT'],
          });
        }
      }
    },
  );

  test.each(ALL_MODES)(
    'mode %s: an assigned number keeps its assignment, whatever uses it besides — decision: an assignment is always expected',
    (mode) => {
      expect(judged(WAS.assigned(), [], mode)).toEqual({ kind: 'UNCHANGED' });
      for (const row of USE_ROWS) {
        const { kind, change } = judged(WAS.assigned(), [used(row)], mode);
        expect([row.usedBy, kind]).toEqual([row.usedBy, 'USES_CORRECTED']);
        expect(change?.next.uses).toEqual([assignment, kept(used(row), NOW)]);
        const without = judged(change && { ...change.next, ...shown(change.next) }, [], mode);
        expect([without.kind, without.change?.next.uses]).toEqual(['USES_CORRECTED', [assignment]]);
      }
    },
  );
});

describe('every row of the status table that nothing uses any more', () => {
  const FREE = 'decision: a number marked Used that nothing uses goes through the normal release rule';
  const was: [string, Was][] = [
    ['kept with its use', (row) => placed('site', { uses: [kept(used(row))], description: 'x' })],
    [
      'marked Used, without a use',
      (row) => {
        const { status, usage } = row;
        return placed('site', { description: 'x' }, { status, usage: [usage], vendor: used(row).vendor });
      },
    ],
  ];
  const cases = was.flatMap(([name, make]) => ALL_MODES.map((mode) => [name, mode, make] as const));
  test.each(cases)(`%s, mode %s — ${FREE}`, (_, mode, make) => {
    for (const row of USE_ROWS) {
      const off = judged(make(row), [], mode);
      const on = judged(make(row), [], mode, { rule: COOLING_ON });
      if (row.vendor === 'AudioCodes') {
        // [Integration] "the internal number is placed into a configurable cooling period, with Status as Cooling", by its macro alone.
        for (const { kind, change } of [off, on]) {
          expect([kind, change?.event]).toEqual(['COOLED', 'NumberCoolingStarted']);
          expect(change && shown(change.next)).toMatchObject({ status: 'COOLING', releaseDate: at(12) });
        }
        continue;
      }
      // [Settings] "Enable Number Inventory Cooling": no, then yes.
      expect([row.usedBy, off.kind, off.change?.event]).toEqual([row.usedBy, 'FREED', 'NumberFreed']);
      expect(off.change && shown(off.change.next)).toMatchObject({ status: 'AVAILABLE', usage: [], vendor: undefined });
      expect([row.usedBy, on.kind, on.change?.event]).toEqual([row.usedBy, 'COOLED', 'NumberCoolingStarted']);
      expect(on.change && shown(on.change.next)).toMatchObject({ status: 'COOLING', releaseDate: at(40) });
    }
  });

  test.each<[keyof typeof WAS, CorrectionKind, string]>([
    ['not in the inventory', 'UNCHANGED', 'there is nothing to make'],
    ['Available', 'UNCHANGED', '[Status] nothing uses it: Available'],
    ['Cooling', 'UNCHANGED', SKIP],
    ['Cooling for a device', 'UNCHANGED', SKIP],
    ['Reserved', 'UNCHANGED', SKIP],
    ['Reserved, with the use beneath', 'SKIPPED_RESERVED', SKIP],
  ])('%s: %s — %s', (was, kind) => {
    for (const mode of ALL_MODES) {
      const { change, ...judgement } = judged(WAS[was](DEVICE), [], mode);
      expect([judgement.kind, change]).toEqual([kind, undefined]);
    }
  });
});

describe('which numbers a mode looks at', () => {
  const MIXED = '[Audit] "a mixed mode of audit, which audits directory numbers at both Customer and Site level"';
  const ADD_AT_CUSTOMER =
    '[Audit] "will add directory numbers at Customer level for services which exist at Site or Customer, provided there is not already a directory number for that service at Site level"';
  const NOT_CUSTOMER =
    '[Audit] "No Customer level directory numbers will be audited and no directory numbers will be added to Customer level for Customer level services"';
  const ADD_AT_SITE = '[Audit] "will add directory numbers at site level"';
  const SITE_ONLY = '[Audit] "update any existing directory numbers at site level only"';
  const SELECTED = '[Audit] "You can choose to audit either All the Sites for the Customer or selected Sites"';
  const FOUND = 'decision: a finding, nothing changed';

  // Mode; where the number is; where the service is that uses it; kind; sentence.
  const table: [Mode, Place | 'none', Place, CorrectionKind, string][] = [
    ['customer', 'none', 'customer', 'CREATED', ADD_AT_CUSTOMER],
    ['customer', 'none', 'site', 'CREATED', ADD_AT_CUSTOMER],
    ['customer', 'customer', 'customer', 'MARKED_USED', MIXED],
    ['customer', 'customer', 'site', 'MARKED_USED', MIXED],
    ['customer', 'site', 'customer', 'MARKED_USED', MIXED],
    ['customer', 'site', 'site', 'MARKED_USED', MIXED],
    ['customer', 'site', 'other', 'MARKED_USED', MIXED],
    ['all sites', 'none', 'customer', 'OUT_OF_SCOPE', NOT_CUSTOMER],
    ['all sites', 'none', 'site', 'CREATED', ADD_AT_SITE],
    ['all sites', 'none', 'other', 'CREATED', ADD_AT_SITE],
    ['all sites', 'customer', 'customer', 'OUT_OF_SCOPE', NOT_CUSTOMER],
    ['all sites', 'customer', 'site', 'EXISTS_AT_CUSTOMER', `${NOT_CUSTOMER}; ${FOUND}`],
    ['all sites', 'site', 'customer', 'MARKED_USED', SITE_ONLY],
    ['all sites', 'site', 'site', 'MARKED_USED', SITE_ONLY],
    ['all sites', 'site', 'other', 'MARKED_USED', SITE_ONLY],
    ['all sites', 'other', 'site', 'MARKED_USED', SITE_ONLY],
    ['one site', 'none', 'customer', 'OUT_OF_SCOPE', NOT_CUSTOMER],
    ['one site', 'none', 'site', 'CREATED', ADD_AT_SITE],
    ['one site', 'none', 'other', 'OUT_OF_SCOPE', SELECTED],
    ['one site', 'customer', 'customer', 'OUT_OF_SCOPE', NOT_CUSTOMER],
    ['one site', 'customer', 'site', 'EXISTS_AT_CUSTOMER', `${NOT_CUSTOMER}; ${FOUND}`],
    ['one site', 'customer', 'other', 'OUT_OF_SCOPE', NOT_CUSTOMER],
    ['one site', 'site', 'customer', 'MARKED_USED', SITE_ONLY],
    ['one site', 'site', 'site', 'MARKED_USED', SITE_ONLY],
    ['one site', 'site', 'other', 'MARKED_USED', SITE_ONLY],
    ['one site', 'other', 'customer', 'OUT_OF_SCOPE', SELECTED],
    ['one site', 'other', 'site', 'EXISTS_AT_OTHER_SITE', `${SELECTED}; ${FOUND}`],
    ['one site', 'other', 'other', 'OUT_OF_SCOPE', SELECTED],
  ];

  test.each(table)('mode %s, number at %s, service at %s: %s — %s', (mode, where, user, kind) => {
    // As `audit-homes` tells it: none where the mode makes no number.
    const home: Place | undefined = mode === 'customer' ? 'customer' : user === 'customer' ? undefined : user;
    const more = { home: mode === 'one site' && home === 'other' ? undefined : home };
    for (const row of USE_ROWS) {
      const number = where === 'none' ? undefined : placed(where);
      const { change, ...judgement } = judged(number, [used(row, user)], mode, more);
      expect([row.usedBy, judgement.kind]).toEqual([row.usedBy, kind]);
      expect(change?.next.node).toBe(change && (where === 'none' ? home : where));
      expect(change === undefined).toBe(kind !== 'CREATED' && kind !== 'MARKED_USED');
    }
  });

  test('a number of another level that is right is told all the same — decision: what is told is where it is', () => {
    const right = placed('customer', { uses: [kept(used(PHONE))] });
    expect(judged(right, [used(PHONE)], 'all sites')).toMatchObject({ kind: 'EXISTS_AT_CUSTOMER' });
    expect(judged(right, [used(PHONE)], 'customer')).toEqual({ kind: 'UNCHANGED' });
  });

  test('a number that fits no site is not made — [Audit] "number inventories can be created only at the site hierarchy"', () => {
    const answer = judged(undefined, [used(DEVICE)], 'all sites', { home: 'misplaced' });
    expect(answer).toEqual({ kind: 'NO_HOME', reason: 'It fits no site.' });
  });
});

describe('a number that changed after it was looked at', () => {
  const OVERWRITE = 'decision: a number changed meanwhile is reported, not overwritten';
  const meanwhile: [string, StoredNumber | undefined, StoredNumber | undefined, CorrectionKind][] = [
    ['taken by another', placed('site'), placed('site', { uses: [assignment] }), 'CHANGED_MEANWHILE'],
    ['added', undefined, placed('site'), 'CHANGED_MEANWHILE'],
    ['deleted', placed('site'), undefined, 'CHANGED_MEANWHILE'],
    ['moved', placed('site'), placed('other'), 'CHANGED_MEANWHILE'],
    ['put right', placed('site'), placed('site', { uses: [kept(used(PHONE))] }), 'UNCHANGED'],
    ['put into cooling', placed('site'), WAS.Cooling(), 'CHANGED_MEANWHILE'],
    ['reserved', placed('site'), WAS.Reserved(), 'CHANGED_MEANWHILE'],
    ['described', placed('site'), placed('site', { description: 'front desk', ownTag: 'VIP' }), 'MARKED_USED'],
  ];
  test.each(meanwhile)(`%s — ${OVERWRITE}`, (_, then, now, kind) => {
    const { change, ...judgement } = judged(now, [used(PHONE)], 'customer', { mark: then ? markOf(then) : null });
    expect([judgement.kind, change !== undefined]).toEqual([kind, kind === 'MARKED_USED']);
  });

  test('a number that was deleted and that nothing uses is right', () => {
    expect(judged(undefined, [], 'customer', { mark: markOf(placed('site')) })).toEqual({ kind: 'UNCHANGED' });
  });

  test('the mark tells all that an audit judges by, and nothing of what is free to edit', () => {
    const one = placed('site', { uses: [kept(used(DEVICE))] });
    const marks = [
      one,
      placed('other', { uses: one.uses }),
      placed('site', { uses: [{ ...kept(used(DEVICE)), ref: 'y' }] }),
      placed('site', { uses: [{ ...kept(used(DEVICE)), usage: 'USER' }] }),
      placed('site', { uses: [{ ...kept(used(DEVICE)), vendor: 'Zoom' }] }),
      placed('site', { uses: [{ ...kept(used(DEVICE)), connection: 'arm2' }] }),
      placed('site', { uses: one.uses }, { status: 'AVAILABLE' }),
      placed('site'),
      WAS.Cooling(),
      WAS.Reserved(),
      placed('site', { uses: one.uses, reservation: { reservedAt: BEFORE } }),
    ].map(markOf);
    expect(new Set(marks).size).toBe(marks.length);
    expect(markOf({ ...one, description: 'x', ownTag: 'y', e164: '+4930', updatedAt: NOW })).toBe(markOf(one));
  });
});

describe('several vendors or connections', () => {
  const EARLIEST = 'decision: the earliest use is shown, and the conflict is a finding of the next audit';
  test.each<[string, NumberUse[], string[]]>([
    ['a device and a phone', [kept(used(DEVICE)), kept(used(PHONE, 'site', 'y'))], ['VENDOR_CONFLICT']],
    ['a device twice', [kept(used(DEVICE)), { ...kept(used(DEVICE)), ref: 'y' }], []],
    [
      'devices of two connections',
      [kept(used(DEVICE)), { ...kept(used(DEVICE)), ref: 'y', connection: 'arm2' }],
      ['CONNECTION_CONFLICT'],
    ],
    ['a phone and a hunt pilot', [kept(used(PHONE)), kept(used(PILOT, 'site', 'y'))], []],
    ['nothing', [], []],
  ])(`%s — ${EARLIEST}`, (_, uses, conflicts) => {
    expect(conflictsOf(uses)).toEqual(conflicts);
  });

  test('the use that was there first stays the one that is shown', () => {
    const was = placed('site', { uses: [kept(used(PHONE))] });
    const { change } = judged(was, [used(DEVICE, 'site', 'y'), used(PHONE)]);
    expect(change && shown(change.next)).toMatchObject({ status: 'USED', usage: ['DEVICE'], vendor: undefined });
  });
});
