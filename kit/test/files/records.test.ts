import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { cellsOf, delimiterOf } from '../../src/files/csv-cells.js';
import { LONGEST_RECORD, RecordReader, type RawRecord } from '../../src/files/record-reader.js';

/** Records of a file that comes in pieces of `size` bytes; CSV with commas after the first one. */
function recordsOf(content: string | Buffer, size = Infinity, csv = true): RawRecord[] {
  const bytes = Buffer.from(content);
  const reader = new RecordReader();
  const found: RawRecord[] = [];
  const take = (records: Iterable<RawRecord>) => {
    for (const record of records) {
      found.push(record);
      if (csv) reader.delimiter = ','.charCodeAt(0);
    }
  };
  for (let at = 0; at < bytes.length; at += size) take(reader.push(bytes.subarray(at, at + size)));
  take(reader.end());
  return found;
}

/** The line each begins at, and its text or what is wrong with it. */
function linesOf(records: readonly RawRecord[]): string[] {
  return records.map((record) => `${record.line} ${'problem' in record ? record.problem : record.text}`);
}

const x = (count: number) => 'x'.repeat(count);

describe('records of an upload', () => {
  it.each<[string, string | Buffer, string[]]>([
    ['both line ends, and none at the end', 'a\r\nb\nc', ['1 a', '2 b', '3 c']],
    ['a byte order mark', '\uFEFFa\nb\n', ['1 a', '2 b']],
    ['empty lines, which count as lines', 'a\n\n \r\nb', ['1 a', '4 b']],
    ['line ends inside quotes', 'a\n1,"x\ny\r\nz"\n2', ['1 a', '2 1,"x\ny\r\nz"', '5 2']],
    ['doubled quotes', 'a\n"x""\n""y"\nb', ['1 a', '2 "x""\n""y"', '4 b']],
    ['a quote in the middle of a cell, which opens nothing', 'a\n12" screen\nb', ['1 a', '2 12" screen', '3 b']],
    ['a quote that is never closed', 'a\n1,"x\ny', ['1 a', '2 QUOTE_OPEN']],
    ['bytes that are no UTF-8', Buffer.from('a\n\xff\nb', 'latin1'), ['1 a', '2 NOT_UTF8', '3 b']],
    ['a line that is too long', `a\n${x(LONGEST_RECORD + 1)}\nb`, ['1 a', '2 TOO_LONG', '3 b']],
    ['a line of just the length that may be', `a\n${x(LONGEST_RECORD)}\nb`, ['1 a', `2 ${x(LONGEST_RECORD)}`, '3 b']],
    [
      'an open quote that would swallow the rest',
      `a\n"${`${x(999)}\n`.repeat(100)}end`,
      ['1 a', '2 TOO_LONG', ...Array.from({ length: 34 }, (_, index) => `${68 + index} ${x(999)}`), '102 end'],
    ],
  ])('are the same however they arrive: %s', (_, content, expected) => {
    for (const size of [Infinity, 1_000, 7, 1]) expect(linesOf(recordsOf(content, size))).toEqual(expected);
  });

  it('of JSON lines end at every line end', () => {
    expect(linesOf(recordsOf('{"a":"\n"}', 3, false))).toEqual(['1 {"a":"', '2 "}']);
  });
});

describe('cells of a record', () => {
  it.each<[string, string[] | undefined]>([
    ['a,b', ['a', 'b']],
    ['', ['']],
    [',', ['', '']],
    ['"a,""b""",c', ['a,"b"', 'c']],
    ['"a\nb"', ['a\nb']],
    ['"",""', ['', '']],
    ['12" screen', undefined],
    ['"a"b', undefined],
    ['"a', undefined],
  ])('%j', (record, cells) => expect(cellsOf(record, ',')).toEqual(cells));

  it('are those another reader finds, whatever they hold', () => {
    const cell = fc.string({ unit: fc.constantFrom('"', ',', '\n', ';', "'", 'a', ' ', '=') });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 5 }), (cells) => {
        const record = cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(',');
        expect(cellsOf(record, ',')).toEqual(cells);
        expect(parse(record)[0]).toEqual(cells);
      }),
    );
  });

  it('stand between semicolons where the header has those and no commas', () => {
    expect(delimiterOf('number;tag')).toBe(';');
    expect(delimiterOf('number,tag')).toBe(',');
    expect(delimiterOf('number')).toBe(',');
  });
});
