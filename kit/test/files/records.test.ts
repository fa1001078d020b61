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

const x = (count: number) => 'x'.repeat(count);

describe('records of an upload', () => {
  it.each<[string, string | Buffer, RawRecord[]]>([
    [
      'both line ends, and none at the end',
      'a\r\nb\nc',
      [
        { line: 1, text: 'a' },
        { line: 2, text: 'b' },
        { line: 3, text: 'c' },
      ],
    ],
    [
      'a byte order mark',
      '\uFEFFa\nb\n',
      [
        { line: 1, text: 'a' },
        { line: 2, text: 'b' },
      ],
    ],
    [
      'empty lines, which count as lines',
      'a\n\n \r\nb',
      [
        { line: 1, text: 'a' },
        { line: 4, text: 'b' },
      ],
    ],
    [
      'line ends inside quotes',
      'a\n1,"x\ny\r\nz"\n2',
      [
        { line: 1, text: 'a' },
        { line: 2, text: '1,"x\ny\r\nz"' },
        { line: 5, text: '2' },
      ],
    ],
    [
      'doubled quotes',
      'a\n"x""\n""y"\nb',
      [
        { line: 1, text: 'a' },
        { line: 2, text: '"x""\n""y"' },
        { line: 4, text: 'b' },
      ],
    ],
    [
      'a quote in the middle of a cell, which opens nothing',
      'a\n12" screen\nb',
      [
        { line: 1, text: 'a' },
        { line: 2, text: '12" screen' },
        { line: 3, text: 'b' },
      ],
    ],
    [
      'a quote that is never closed',
      'a\n1,"x\ny',
      [
        { line: 1, text: 'a' },
        { line: 2, problem: 'QUOTE_OPEN' },
      ],
    ],
    [
      'bytes that are no UTF-8',
      Buffer.from('a\n\xff\nb', 'latin1'),
      [
        { line: 1, text: 'a' },
        { line: 2, problem: 'NOT_UTF8' },
        { line: 3, text: 'b' },
      ],
    ],
    [
      'a line that is too long',
      `a\n${x(LONGEST_RECORD + 1)}\nb`,
      [
        { line: 1, text: 'a' },
        { line: 2, problem: 'TOO_LONG' },
        { line: 3, text: 'b' },
      ],
    ],
    [
      'a line of just the length that may be',
      `a\n${x(LONGEST_RECORD)}\nb`,
      [
        { line: 1, text: 'a' },
        { line: 2, text: x(LONGEST_RECORD) },
        { line: 3, text: 'b' },
      ],
    ],
    [
      'an open quote that would swallow the rest',
      `a\n"${`${x(999)}\n`.repeat(100)}end`,
      [
        { line: 1, text: 'a' },
        { line: 2, problem: 'TOO_LONG' },
        ...Array.from({ length: 34 }, (_, index) => ({ line: 68 + index, text: x(999) })),
        { line: 102, text: 'end' },
      ],
    ],
  ])('are the same however they arrive: %s', (_, content, expected) => {
    for (const size of [Infinity, 1_000, 7, 1]) expect(recordsOf(content, size)).toEqual(expected);
  });

  it('of JSON lines end at every line end', () => {
    expect(recordsOf('{"a":"\n"}', 3, false)).toEqual([
      { line: 1, text: '{"a":"' },
      { line: 2, text: '"}' },
    ]);
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
