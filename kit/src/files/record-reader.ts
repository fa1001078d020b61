/**
 * Bytes of an upload cut into records, each with the number of the line it begins at. What is wrong with one costs that record alone, and it is the same
 * however the bytes arrive: a repeated import has to find the same mistakes at the same lines.
 */

export type RawRecord =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly problem: 'TOO_LONG' | 'NOT_UTF8' | 'QUOTE_OPEN' };

/** Of a record, bytes. */
export const LONGEST_RECORD = 65_536;

const NEWLINE = 0x0a;
const QUOTE = 0x22;
/** At the beginning of a cell; in one without quotes; in one with; behind the quote that may end it. */
type Place = 'START' | 'BARE' | 'QUOTED' | 'CLOSING';

export class RecordReader {
  /** The byte that stands between cells, once it is known: from then on a line end inside quotes belongs to the cell. */
  delimiter: number | undefined;
  #line = 1;
  #begin = 1;
  #held: Uint8Array[] = [];
  #size = 0;
  #place: Place = 'START';
  /** Until the next line end, because the record was too long. */
  #skipping = false;

  *push(chunk: Uint8Array): Generator<RawRecord> {
    let from = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (byte === NEWLINE && (this.#skipping || this.#place !== 'QUOTED')) {
        yield* this.#take(chunk.subarray(from, index));
        from = index + 1;
        this.#next();
        continue;
      }
      if (byte === NEWLINE) this.#line += 1;
      if (this.delimiter !== undefined) this.#place = this.#after(byte);
      if (!this.#skipping && this.#size + index - from >= LONGEST_RECORD) {
        yield { line: this.#begin, problem: 'TOO_LONG' };
        this.#drop();
        this.#skipping = true;
        if (byte === NEWLINE) {
          from = index + 1;
          this.#next();
          // It was counted as one inside the record.
          this.#line -= 1;
          this.#begin = this.#line;
        }
      }
    }
    if (!this.#skipping && from < chunk.length) {
      this.#held.push(chunk.slice(from));
      this.#size += chunk.length - from;
    }
  }

  /** What is left when there are no more bytes. */
  *end(): Generator<RawRecord> {
    if (this.#place === 'QUOTED' && !this.#skipping) yield { line: this.#begin, problem: 'QUOTE_OPEN' };
    else yield* this.#take(new Uint8Array());
    this.#drop();
  }

  *#take(rest: Uint8Array): Generator<RawRecord> {
    if (this.#skipping) return;
    const bytes =
      this.#held.length === 0
        ? Buffer.from(rest.buffer, rest.byteOffset, rest.length)
        : Buffer.concat([...this.#held, rest]);
    let text = bytes.toString('utf8');
    if (this.#begin === 1 && text.startsWith('\uFEFF')) text = text.slice(1);
    if (text.endsWith('\r')) text = text.slice(0, -1);
    if (text.includes('\uFFFD')) yield { line: this.#begin, problem: 'NOT_UTF8' };
    else if (text.trim() !== '') yield { line: this.#begin, text };
  }

  #next(): void {
    this.#line += 1;
    this.#begin = this.#line;
    this.#skipping = false;
    this.#drop();
  }

  #drop(): void {
    this.#held = [];
    this.#size = 0;
    this.#place = 'START';
  }

  #after(byte: number | undefined): Place {
    if (this.#place === 'QUOTED') return byte === QUOTE ? 'CLOSING' : 'QUOTED';
    if (byte === this.delimiter) return 'START';
    // A quote behind a quote is one of the text; in the middle of a cell it opens nothing.
    if (byte === QUOTE) return this.#place === 'BARE' ? 'BARE' : 'QUOTED';
    return 'BARE';
  }
}
