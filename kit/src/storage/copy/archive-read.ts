/** Reading a file that {@link file://./archive-write.ts} wrote, as an image. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { StoreError } from '../port.js';
import { ARCHIVE_FORMAT, type ArchiveHeader } from './archive-write.js';
import {
  type Batch,
  BATCH_ROWS,
  BATCH_SIZE,
  type Part,
  type Row,
  rowKey,
  type Start,
  type StoreFacts,
  type StoreImage,
} from './image.js';
import { linesOf } from './lines.js';

/** SHA-256 of a file as it lies there, hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The image in a file; every reading of it goes through the file once. */
export class Archive implements StoreImage {
  readonly name: string;
  readonly #file: string;

  constructor(name: string, file: string) {
    this.name = name;
    this.#file = file;
  }

  async facts(): Promise<StoreFacts> {
    for await (const line of this.#lines()) return this.#header(line).facts;
    throw this.#damaged('it is empty');
  }

  async *batches(start: (part: Part) => Promise<Start> | Start = () => undefined): AsyncIterable<Batch> {
    let batch: { part: Part; rows: Row[]; size: number; from: Start } | undefined;
    let isFirst = true;
    let isWhole = false;
    for await (const line of this.#lines()) {
      if (isFirst) {
        this.#header(line);
        isFirst = false;
        continue;
      }
      const value: unknown = JSON.parse(line);
      if (!Array.isArray(value)) {
        if (!batch) throw this.#damaged('a row stands before its part');
        if (!take(batch, value as Row)) continue;
        batch.size += line.length;
        if (batch.rows.length < BATCH_ROWS && batch.size < BATCH_SIZE) continue;
        yield { part: batch.part, rows: batch.rows };
        batch = { ...batch, rows: [], size: 0 };
        continue;
      }
      if (batch) yield { part: batch.part, rows: batch.rows };
      batch = undefined;
      const [control, operand] = value as [string, unknown];
      if (control === 'part') {
        const part = operand as Part;
        batch = { part, rows: [], size: 0, from: await start(part) };
      } else if (control === 'end') {
        isWhole = true;
      }
    }
    if (!isWhole) throw this.#damaged('its end is missing');
  }

  async close(): Promise<void> {}

  async *#lines(): AsyncIterable<string> {
    const input = createReadStream(this.#file);
    const gunzip = createGunzip();
    // A pipe passes on the end of its source, but not its error.
    input.on('error', (error) => gunzip.destroy(error));
    try {
      yield* linesOf(input.pipe(gunzip));
    } finally {
      input.destroy();
      gunzip.destroy();
    }
  }

  #header(line: string): ArchiveHeader {
    const header = JSON.parse(line) as ArchiveHeader;
    if (header.archive !== 'numberyard' || header.store !== this.name) throw this.#damaged('it is of something else');
    if (header.format !== ARCHIVE_FORMAT) {
      throw new StoreError(
        'UNAVAILABLE',
        `${this.#file} is of backup format ${header.format}; this program knows ${ARCHIVE_FORMAT}.`,
      );
    }
    return header;
  }

  #damaged(reason: string): StoreError {
    return new StoreError('UNAVAILABLE', `${this.#file} is damaged: ${reason}.`);
  }
}

/** Whether a row belongs into its batch: not one that was read before, up to the key begun after. */
function take(batch: { part: Part; rows: Row[]; from: Start }, row: Row): boolean {
  if (batch.from === 'SKIP') return false;
  if (batch.from) {
    if (rowKey(batch.part, row) === batch.from.after) batch.from = undefined;
    return false;
  }
  batch.rows.push(row);
  return true;
}
