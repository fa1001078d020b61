import type { Correction, CorrectionKind } from '@numberyard/schema/internal';
import { describe, expect, test } from 'vitest';
import { errorOf, FINDING_KINDS, resolutionOf, type DuplicateKind } from '../../src/domain/finding.js';
import { foundOf, proposalsOf, withFindings } from '../../src/domain/make-findings.js';
import { NO_COUNTS, queued } from '../../src/domain/run-life.js';

const shown = { status: 'USED', usage: ['DEVICE'], vendor: null, releaseDate: null, node: 'acme' };
const run = queued(
  {
    id: 'r',
    customer: 'acme',
    path: 'p.acme',
    ancestors: ['p', 'acme'],
    level: 'CUSTOMER',
    dryRun: false,
    trigger: 'MANUAL',
    startedBy: 'Rita',
  },
  '2026-01-01T00:00:00.000Z',
);

function correction(kind: CorrectionKind, more: Partial<Correction> = {}): Correction {
  const { before = shown, after = null } = more;
  return {
    number: '+491',
    id: 'acme:+491',
    path: 'p.acme',
    kind,
    cause: 'A cause.',
    conflicts: [],
    ...more,
    before,
    after,
  };
}

const asked = { number: '+491', mark: 'm', services: [] };
const of = (made: Correction, more: Partial<typeof run> = {}, duplicate?: string) =>
  foundOf(made, { ...asked, ...(duplicate !== undefined && { duplicate }) }, { ...run, ...more });

describe('what came of a number', () => {
  test.each<[CorrectionKind, boolean, string | undefined, string | undefined]>([
    ['CREATED', false, 'APPLIED', 'created'],
    ['CREATED', true, 'PROPOSED', 'created'],
    ['MARKED_USED', false, 'APPLIED', 'updated'],
    ['MARKED_USED', true, 'PROPOSED', 'updated'],
    ['USES_CORRECTED', false, 'APPLIED', 'updated'],
    ['FREED', false, 'APPLIED', 'updated'],
    ['COOLED', true, 'PROPOSED', 'updated'],
    ['SKIPPED_COOLING', false, 'REPORTED', 'skipped'],
    ['SKIPPED_RESERVED', true, 'REPORTED', 'skipped'],
    ['EXISTS_AT_CUSTOMER', true, 'REPORTED', 'conflicts'],
    ['EXISTS_AT_OTHER_SITE', false, 'REPORTED', 'conflicts'],
    ['NO_HOME', true, 'REPORTED', 'conflicts'],
    ['CHANGED_MEANWHILE', false, 'REPORTED', 'conflicts'],
    ['UNCHANGED', false, undefined, undefined],
    ['OUT_OF_SCOPE', false, undefined, undefined],
  ])('%s, dry run %s, is %s and counts as %s', (kind, dryRun, outcome, counted) => {
    const found = of(correction(kind), { dryRun });
    expect(found.map((each) => [each.kind, each.outcome])).toEqual(outcome === undefined ? [] : [[kind, outcome]]);
    const { counts } = withFindings(run, found, run.queuedAt).run;
    expect(counts).toEqual({ ...NO_COUNTS, ...(counted !== undefined && { [counted]: 1 }) });
  });

  test('is about a number of the inventory only where it is there', () => {
    const idOf = (made: Correction, dryRun: boolean) => of(made, { dryRun })[0]?.numberId;
    const made = correction('CREATED', { before: null, after: shown });
    expect(idOf({ ...made, before: null }, false)).toBe('acme:+491');
    expect(idOf({ ...made, before: null }, true)).toBeUndefined();
    expect(idOf({ ...correction('NO_HOME'), before: null }, false)).toBeUndefined();
    expect(idOf(correction('MARKED_USED', { after: shown }), true)).toBe('acme:+491');
  });

  test('keeps the mark of a proposal only', () => {
    expect(of(correction('FREED'), { dryRun: true })[0]).toMatchObject({ mark: 'm' });
    expect(of(correction('FREED'))[0]).not.toHaveProperty('mark');
    expect(of(correction('SKIPPED_COOLING'), { dryRun: true })[0]).not.toHaveProperty('mark');
  });

  test('tells of duplicates and conflicts before it, also of a number that is right', () => {
    const kinds = (made: Correction, more: Partial<typeof run> = {}) =>
      of(made, more, 'Two places.').map(({ kind, cause }) => [kind, cause]);
    const conflicts = ['VENDOR_CONFLICT', 'CONNECTION_CONFLICT'] as const;
    expect(kinds(correction('UNCHANGED', { conflicts }))).toEqual([
      ['DUPLICATE_NUMBER', 'Same internal number in one or more clusters. Two places.'],
      ['VENDOR_CONFLICT', 'Several vendors use the number; the earliest is shown. A cause.'],
      ['CONNECTION_CONFLICT', 'Several connections have a device with the number; the earliest is shown. A cause.'],
    ]);
    expect(kinds(correction('MARKED_USED')).at(-1)).toEqual(['MARKED_USED', 'A cause.']);
    // Its dry run has told of them.
    expect(kinds(correction('UNCHANGED'), { trigger: 'APPLY' })).toEqual([]);
    expect(kinds(correction('OUT_OF_SCOPE'))).toEqual([]);
  });
});

test('findings go on counting where the run was, and those of the same kind together', () => {
  const first = withFindings(run, [...of(correction('FREED')), ...of(correction('NO_HOME'))], run.queuedAt);
  const second = withFindings(first.run, of(correction('FREED')), run.queuedAt);
  expect([...first.findings, ...second.findings].map(({ id, seq }) => [id, seq])).toEqual([
    ['r:1', 1],
    ['r:2', 2],
    ['r:3', 3],
  ]);
  expect(second.run).toMatchObject({
    findings: 3,
    findingCounts: [
      { kind: 'FREED', count: 2 },
      { kind: 'NO_HOME', count: 1 },
    ],
    counts: { updated: 2, conflicts: 1 },
  });
  expect(proposalsOf(second.run)).toBe(2);
});

describe('the documented errors and their resolutions, word for word', () => {
  test.each<[DuplicateKind, string, string]>([
    [
      'DUPLICATE_DEVICE_PROFILE',
      'Duplicate device profiles (same profile name) in different clusters.',
      'Ensure device profiles are not duplicated across the sites.',
    ],
    [
      'DUPLICATE_PHONE',
      'Duplicate phones (same MAC) in different clusters.',
      'Ensure phones are not duplicated across the clusters',
    ],
    [
      'DUPLICATE_NUMBER',
      'Same internal number in one or more clusters.',
      'Ensure internal numbers (even in different partitions) are not duplicated across clusters.',
    ],
  ])('%s', (kind, error, resolution) => {
    expect(errorOf(kind)).toBe(error);
    expect(resolutionOf(kind)).toBe(resolution);
  });

  test('what the audit has corrected needs none, whatever somebody has to look at has one', () => {
    const without = FINDING_KINDS.filter((kind) => resolutionOf(kind) === undefined);
    expect(without).toEqual(['CREATED', 'MARKED_USED', 'USES_CORRECTED', 'FREED', 'COOLED']);
  });
});
