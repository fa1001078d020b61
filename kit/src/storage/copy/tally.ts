/** Counting and summing up rows, so that two images can be compared whatever engine, order of fields or order of rows they come in. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../crypto/canonical-json.js';
import { partName, type Row, type StoreImage } from './image.js';

export interface TallyResult {
  readonly count: number;
  /** 64 hexadecimal digits. */
  readonly checksum: string;
}

/** Tallies of a store by {@link partName}. */
export type Tallies = Readonly<Record<string, TallyResult>>;

const LANES = 8;

/** The SHA-256 of every row's canonical JSON, added up lane by lane: unlike an exclusive or, a row that stands twice does not vanish. */
export class Tally {
  #count = 0;
  readonly #lanes = new Uint32Array(LANES);

  add(row: Row): void {
    this.#count += 1;
    const digest = createHash('sha256').update(canonicalJson(row)).digest();
    for (let lane = 0; lane < LANES; lane += 1) {
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) + digest.readUInt32LE(lane * 4);
    }
  }

  result(): TallyResult {
    const checksum = Array.from(this.#lanes, (lane) => lane.toString(16).padStart(8, '0')).join('');
    return { count: this.#count, checksum };
  }
}

/** Tallies while rows go by. */
export class TallyBook {
  readonly #parts = new Map<string, Tally>();

  add(part: string, rows: readonly Row[]): void {
    const tally = this.#parts.get(part) ?? new Tally();
    this.#parts.set(part, tally);
    for (const row of rows) tally.add(row);
  }

  result(): Tallies {
    return Object.fromEntries([...this.#parts].map(([name, tally]) => [name, tally.result()]));
  }
}

/** Tally everything an image holds. @param counted told how many rows each batch had */
export async function tallyImage(image: StoreImage, counted: (rows: number) => void = () => {}): Promise<Tallies> {
  const book = new TallyBook();
  for await (const { part, rows } of image.batches()) {
    book.add(partName(part), rows);
    counted(rows.length);
  }
  return book.result();
}

/** Names of the parts in which two stores differ; a part that is missing counts as an empty one. */
export function differences(wanted: Tallies, found: Tallies): string[] {
  const empty = new Tally().result();
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...names].filter((name) => {
    const [a, b] = [wanted[name] ?? empty, found[name] ?? empty];
    return a.count !== b.count || a.checksum !== b.checksum;
  });
}
