/** One record of RFC 4180 as its cells. */

const QUOTE = '"';

/** undefined where a quote stands in the middle of a cell, or something behind the one that ends it. */
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
