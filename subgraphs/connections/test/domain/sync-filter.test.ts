import { describe, expect, test } from 'vitest';
import {
  checkFilter,
  meetsAll,
  tidyFilter,
  type FilteredUser,
  type SyncFilterCondition,
} from '../../src/domain/sync-filter.js';

const user: FilteredUser = { aor: 'sip:+49301@acme', number: '+49301', sbcName: 'SBC-1' };
const lobby: FilteredUser = { aor: 'sip:lobby@acme', sbcName: 'SBC-2' };
const where = (
  attribute: SyncFilterCondition['attribute'],
  operator: SyncFilterCondition['operator'],
  ...values: string[]
): SyncFilterCondition => ({ attribute, operator, values });

describe('who is dealt with', () => {
  test.each<[string, SyncFilterCondition[], boolean, boolean]>([
    ['everybody without conditions', [], true, true],
    ['a number that is named', [where('NUMBER', 'IN', '+1', '+49301')], true, false],
    ['a number that is not named', [where('NUMBER', 'IN', '49301')], false, false],
    ['everybody but a number; who has none is no such number', [where('NUMBER', 'NOT_IN', '+49301')], false, true],
    ['numbers that begin so', [where('NUMBER', 'STARTS_WITH', '+44', '+4930')], true, false],
    ['an SBC by its name, letter by letter', [where('SBC', 'IN', 'sbc-1', 'SBC-2')], false, true],
    ['an address of record that begins so', [where('AOR', 'STARTS_WITH', 'sip:l')], false, true],
    ['who meets every condition', [where('SBC', 'IN', 'SBC-1'), where('AOR', 'NOT_IN', user.aor)], false, false],
  ])('%s', (_what, conditions, expected, expectedLobby) => {
    expect(meetsAll(conditions, user)).toBe(expected);
    expect(meetsAll(conditions, lobby)).toBe(expectedLobby);
  });

  test('a plus written as dial plans write it is a plus, in numbers only', () => {
    expect(tidyFilter([where('NUMBER', 'STARTS_WITH', '\\+49', '49')])[0]?.values).toEqual(['+49', '49']);
    expect(tidyFilter([where('AOR', 'IN', '\\+49')])[0]?.values).toEqual(['\\+49']);
  });
});

describe('what is refused, by the condition and the rule', () => {
  const ten = Array.from({ length: 10 }, () => where('SBC', 'IN', 'a'));
  test.each<[string, SyncFilterCondition[], string | undefined, string | undefined, RegExp]>([
    ['ten conditions are taken', ten, undefined, undefined, /./],
    ['eleven are not', [...ten, where('SBC', 'IN', 'a')], 'filter', 'OUT_OF_RANGE', /at most 10/],
    ['no value', [where('SBC', 'IN', 'a'), where('SBC', 'IN')], 'filter.1.values', 'REQUIRED', /at least one/],
    [
      '101 values',
      [where('SBC', 'IN', ...Array.from({ length: 101 }, String))],
      'filter.0.values',
      'OUT_OF_RANGE',
      /100/,
    ],
    ['an empty value', [where('AOR', 'STARTS_WITH', '')], 'filter.0.values', 'REQUIRED', /empty/],
    ['a value too long', [where('AOR', 'IN', 'x'.repeat(513))], 'filter.0.values', 'OUT_OF_RANGE', /512/],
    ['a value twice', [where('SBC', 'IN', 'a', 'a')], 'filter.0.values', 'INVALID', /twice/],
    ['a number that is none', [where('NUMBER', 'IN', 'lobby')], 'filter.0.values', 'INVALID', /"lobby".*no number/],
    ['a plus alone, where it is no number', [where('NUMBER', 'IN', '+')], 'filter.0.values', 'INVALID', /no number/],
    ['and where it begins one', [where('NUMBER', 'STARTS_WITH', '+')], undefined, undefined, /./],
  ])('%s', (_what, conditions, field, code, says) => {
    const [refusal] = checkFilter(conditions);
    expect([refusal?.field, refusal?.code]).toEqual([field, code]);
    if (refusal) expect(refusal.message).toMatch(says);
  });
});
