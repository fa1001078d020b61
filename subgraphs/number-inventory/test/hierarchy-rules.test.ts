/** Dial plans, cooling settings and macros as tables, each with the sentence of the source it follows. */
import { describe, expect, test } from 'vitest';
import { effectiveCooling, type CoolingSetting } from '../src/domain/cooling-settings.js';
import { codeProblem, codesCollide, dialPlanProblem, homeProblem, possibleCodes } from '../src/domain/dial-plan.js';
import type { NodeType } from '../src/domain/hierarchy.js';
import { DELETE_THRESHOLD } from '../src/domain/macros.js';

const customer = { type: 'CUSTOMER' as NodeType, name: 'Acme' };
const site = { type: 'SITE' as NodeType, name: 'Oslo', siteLocationCode: '81' };

describe('where a number fits', () => {
  test.each([
    ['flat plans "may be customer level"', 'FLAT', customer, '+4930', undefined],
    [
      'flat plans have no codes, so any number fits a site',
      'FLAT',
      { ...site, siteLocationCode: undefined },
      '7',
      undefined,
    ],
    ['"DN = SLC+EXT"', 'SITE_LOCATION_CODES', site, '8110', undefined],
    ['an extension of one digit is one', 'SITE_LOCATION_CODES', site, '810', undefined],
    [
      'the code alone has no extension',
      'SITE_LOCATION_CODES',
      site,
      '81',
      'Numbers of Oslo are 81 and at least one digit more; 81 is not.',
    ],
    [
      'another code is of another site',
      'SITE_LOCATION_CODES',
      site,
      '8210',
      'Numbers of Oslo are 81 and at least one digit more; 8210 is not.',
    ],
    [
      'a plus is no digit of a code',
      'SITE_LOCATION_CODES',
      site,
      '+8110',
      'Numbers of Oslo are 81 and at least one digit more; +8110 is not.',
    ],
    [
      '"creating customer-level DNs for an SLC plan gives an error asking for a site"',
      'SITE_LOCATION_CODES',
      customer,
      '8110',
      'Numbers of Acme begin with the code of a site and live there; choose a site.',
    ],
    [
      'a site that was made under a flat plan has no code',
      'SITE_LOCATION_CODES',
      { ...site, siteLocationCode: undefined },
      '8110',
      'Oslo has no site location code yet.',
    ],
  ] as const)('%s', (_, plan, node, number, message) => {
    expect(dialPlanProblem(plan, node, number, 'numbers.0')).toEqual(
      message === undefined ? undefined : { code: 'DIAL_PLAN', message, field: 'numbers.0' },
    );
  });

  test('a node is judged without a number too', () => {
    expect(homeProblem('SITE_LOCATION_CODES', site, 'node')).toBeUndefined();
    expect(homeProblem('SITE_LOCATION_CODES', customer, 'node')?.code).toBe('DIAL_PLAN');
  });

  test('a number may begin with any code that leaves it a digit', () => {
    expect(possibleCodes('8110')).toEqual(['8', '81', '811']);
    expect(possibleCodes('8')).toEqual([]);
    expect(possibleCodes('+811')).toEqual([]);
    expect(possibleCodes('1'.repeat(30)).at(-1)).toBe('1'.repeat(15));
  });
});

describe('site location codes', () => {
  test.each(['', 'a', '+4', '1'.repeat(16), ' 1', '1\n'])('%j is none', (code) => {
    expect(codeProblem(code, 'siteLocationCode')?.code).toBe('INVALID');
  });
  test.each(['0', '81', '1'.repeat(15)])('%s is one', (code) => {
    expect(codeProblem(code, 'siteLocationCode')).toBeUndefined();
  });
  test.each([
    ['"unique in the customer"', '81', 'ALREADY_EXISTS'],
    ['"no SLC may be a prefix of another": shorter', '8', 'DIAL_PLAN'],
    ['"no SLC may be a prefix of another": longer', '811', 'DIAL_PLAN'],
    ['beside it', '82', undefined],
  ])('%s', (_, code, refusal) => {
    expect(codesCollide(code, site, 'siteLocationCode')?.code).toBe(refusal);
  });
});

describe('cooling settings in force', () => {
  const at = (settings: Record<string, CoolingSetting>) => effectiveCooling('p.r.c.s', (node) => settings[node]);

  test('set nowhere: "default False", "default 30"', () => {
    expect(at({})).toEqual({ enabled: false, days: 30 });
  });
  test('the nearest node that says yes or no wins, and the nearest that gives days, each by itself', () => {
    const settings = {
      p: { enabled: 'YES', days: 10 },
      r: { enabled: 'NO' },
      c: { enabled: 'YES' },
      s: { days: 3 },
    } as const;
    expect(at(settings)).toEqual({ enabled: true, enabledSetAt: 'c', days: 3, daysSetAt: 's' });
    expect(effectiveCooling('p.r', (node) => settings[node as 'p'])).toEqual({
      enabled: false,
      enabledSetAt: 'r',
      days: 10,
      daysSetAt: 'p',
    });
  });
  test('a node that inherits both passes on what is above', () => {
    expect(at({ c: { enabled: 'YES' }, s: {} })).toEqual({ enabled: true, enabledSetAt: 'c', days: 30 });
  });
});

test.each([
  ['0', true],
  ['10000000', true],
  ['10000001', false],
  ['007', false],
  ['-1', false],
  ['2.5', false],
  ['', false],
])('a delete threshold of %j fits: %s', (value, fits) => {
  expect(DELETE_THRESHOLD.problem(value) === undefined).toBe(fits);
});
