import fc from 'fast-check';
import { expect, it } from 'vitest';
import { protectCell, unprotectCell } from '../../src/files/spreadsheet.js';

it.each([
  ['=1+1', "'=1+1"],
  ['+493012345', "'+493012345"],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t'=1"],
  ['\r=1', "'\r'=1"],
  ["'=1", "''=1"],
  ['"=1', '"\'=1'],
  ['a;=1', "a;'=1"],
  ['a;"=1', 'a;"\'=1'],
  ['line\n-5', "line\n'-5"],
  ['＝1', "'＝1"],
])('%j stands in a cell as %j', (text, cell) => {
  expect(protectCell(text)).toBe(cell);
  expect(unprotectCell(cell)).toBe(text);
});

it.each(['', 'Reception', '30 % = a third', "'quoted'", 'a, b', '12-34', '{"a":"b"}'])('%j stands as it is', (text) => {
  expect(protectCell(text)).toBe(text);
  expect(unprotectCell(text)).toBe(text);
});

it('no text is changed by going out and in, and none begins as a formula', () => {
  const tricky = fc.string({
    unit: fc.constantFrom('=', '+', '-', '@', "'", '"', ';', ',', '\t', '\r', '\n', '|', 'a', ' '),
  });
  fc.assert(
    fc.property(fc.oneof(tricky, fc.string()), (text) => {
      const cell = protectCell(text);
      expect(unprotectCell(cell)).toBe(text);
      expect(cell).not.toMatch(/(?:^|[;,\t\r\n|])["']*(?<!')[=+\-@]/);
    }),
    { numRuns: 2_000 },
  );
});
