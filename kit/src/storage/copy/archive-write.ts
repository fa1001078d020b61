/**
 * Writing an image to a file: gzip of lines of JSON. The first is the header; then each part begins with `["part", …]`, followed by its rows as objects;
 * the last is `["end", <rows>]`.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { partName, type StoreFacts, type StoreImage } from './image.js';
import { TallyBook, type Tallies } from './tally.js';

/** Of the files of a backup; another one is refused. */
export const ARCHIVE_FORMAT = 1;

export interface ArchiveHeader {
  readonly archive: 'numberyard';
  readonly format: number;
  readonly store: string;
  readonly facts: StoreFacts;
}

export interface WrittenArchive {
  readonly facts: StoreFacts;
  readonly bytes: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  readonly parts: Tallies;
}

/** Write `file`, which must not be there, and sync it. @param counted told how many rows each batch had */
export async function writeArchive(
  image: StoreImage,
  file: string,
  counted: (rows: number) => void,
): Promise<WrittenArchive> {
  const facts = await image.facts();
  const book = new TallyBook();
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(
    lines(image, facts, book, counted),
    // Beyond this level it takes twice as long for a tenth less.
    createGzip({ level: 4 }),
    measure,
    createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }),
  );
  return { facts, bytes, sha256: hash.digest('hex'), parts: book.result() };
}

async function* lines(
  image: StoreImage,
  facts: StoreFacts,
  book: TallyBook,
  counted: (rows: number) => void,
): AsyncIterable<string> {
  const header: ArchiveHeader = { archive: 'numberyard', format: ARCHIVE_FORMAT, store: image.name, facts };
  yield line(header);
  let current: string | undefined;
  let count = 0;
  for await (const { part, rows } of image.batches()) {
    const name = partName(part);
    book.add(name, rows);
    if (name !== current) yield line(['part', part]);
    current = name;
    if (rows.length > 0) yield rows.map(line).join('');
    count += rows.length;
    counted(rows.length);
  }
  yield line(['end', count]);
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
