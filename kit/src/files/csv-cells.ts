/** Records of CSV (RFC 4180) and their cells. */
import { protectCell } from './spreadsheet.js';

const QUOTE = '"';

/** A record's cells; undefined where a quote stands in the middle of a cell, or something behind the one that ends it. */
export function cellsOf(record: string, delimiter: string): string[] | undefined {
  if (!record.includes(QUOTE)) return record.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; ; at += 1) {
    let cell: string;
    if (record[at] === QUOTE) {
      cell = '';
      for (;;) {
        const end = record.indexOf(QUOTE, at + 1);
        if (end < 0) return undefined;
        cell += record.slice(at + 1, end);
        at = end + 1;
        if (record[at] !== QUOTE) break;
        cell += QUOTE;
      }
      if (at < record.length && record[at] !== delimiter) return undefined;
    } else {
      const end = record.indexOf(delimiter, at);
      cell = record.slice(at, end < 0 ? record.length : end);
      if (cell.includes(QUOTE)) return undefined;
      at += cell.length;
    }
    cells.push(cell);
    if (at >= record.length) return cells;
  }
}

/** What stands between the cells: spreadsheets of some languages write semicolons. */
export function delimiterOf(header: string): ',' | ';' {
  return header.includes(';') && !header.includes(',') ? ';' : ',';
}

/** A text as a cell that says the same to a spreadsheet and to {@link cellsOf}; see {@link protectCell}. */
export function csvCell(text: string): string {
  const cell = protectCell(text);
  return /[",;\t\r\n]/.test(cell) ? `${QUOTE}${cell.replaceAll(QUOTE, QUOTE + QUOTE)}${QUOTE}` : cell;
}
