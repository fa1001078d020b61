/** What is measured, of an engine and of the driver below it alike. */
import { performance } from 'node:perf_hooks';
import { ratePerSecond, within } from './load.js';
import { type Item, newItem, PAGE, type Subject, unitOf } from './subject.js';

/** Documents that are there before anything is measured. */
const STORED = 20_000;
const WRITERS = 128;
const BATCH = 300;
const READERS = 16;
/** Longest wait for one event to come round. */
const LATE_MS = 10_000;

/** An engine forms its groups by itself; a driver is handed groups of the size the engine can reach. */
export type Grouping = 'by itself' | 'by hand';

/** One subject with the documents stored in it. */
export class Contender {
  readonly subject: Subject;
  readonly #grouping: Grouping;
  readonly #stored: Item[] = [];
  #made = 0;
  #asked = 0;

  constructor(subject: Subject, grouping: Grouping) {
    this.subject = subject;
    this.#grouping = grouping;
  }

  async fill(signal: AbortSignal): Promise<void> {
    while (this.#stored.length < STORED && !signal.aborted) this.#stored.push(...(await this.#make(BATCH, true)));
  }

  /** Commits per second of a lone writer. */
  single(seconds: number): Promise<number> {
    return ratePerSecond(seconds, 1, async () => (await this.#make(1)).length);
  }

  /** Commits per second of many writers, each of a new document. */
  concurrent(seconds: number): Promise<number> {
    const [writers, units] = this.#grouping === 'by itself' ? [WRITERS, 1] : [1, WRITERS];
    return ratePerSecond(seconds, writers, async () => (await this.#make(units)).length);
  }

  /** The same, each writer changing a document of its own again and again. */
  changing(seconds: number): Promise<number> {
    const [writers, units] = this.#grouping === 'by itself' ? [WRITERS, 1] : [1, WRITERS];
    return ratePerSecond(seconds, writers, (writer) => this.#change(writer, units));
  }

  /** Documents per second in large commits. */
  batched(seconds: number): Promise<number> {
    return ratePerSecond(seconds, 1, async () => (await this.#make(BATCH, true)).length);
  }

  byId(seconds: number): Promise<number> {
    return this.#lookUp(seconds, async ({ id }) => expectOne((await this.subject.byId(id))?.id === id));
  }

  byNumber(seconds: number): Promise<number> {
    return this.#lookUp(seconds, async ({ id, number }) => expectOne((await this.subject.byNumber(number))?.id === id));
  }

  pages(seconds: number): Promise<number> {
    return this.#lookUp(seconds, async (item) => expectOne((await this.subject.pageAfter(item)).length === PAGE));
  }

  /** Milliseconds from a commit's answer until a follower of the log has its event, of one commit after the other. 0: it had it before. */
  async latencies(seconds: number): Promise<number[]> {
    let awaited: { entity: string; told: (at: number) => void } | undefined;
    const stop = await this.subject.follow(({ entity }) => {
      if (entity === awaited?.entity) awaited.told(performance.now());
    });
    const samples: number[] = [];
    const end = performance.now() + seconds * 1_000;
    try {
      while (performance.now() < end) {
        const unit = unitOf(newItem(this.#made++));
        const told = new Promise<number>((resolve) => (awaited = { entity: unit.event.entity, told: resolve }));
        await this.subject.write([unit]);
        const answered = performance.now();
        const at = await within(LATE_MS, `an event to reach a follower of ${this.subject.name}`, told);
        samples.push(Math.max(0, at - answered));
      }
    } finally {
      await stop();
    }
    return samples;
  }

  async #make(count: number, bulk = false): Promise<Item[]> {
    const made = Array.from({ length: count }, () => newItem(this.#made++));
    await this.subject.write(made.map(unitOf), bulk);
    return made.map((item) => ({ ...item, version: 1 }));
  }

  /** The last ones: pages are read among those before. */
  async #change(writer: number, count: number): Promise<number> {
    const from = STORED - WRITERS + writer;
    const changed = this.#stored
      .slice(from, from + count)
      .map((item): Item => ({ ...item, status: item.status === 'USED' ? 'AVAILABLE' : 'USED' }));
    await this.subject.write(changed.map(unitOf));
    changed.forEach((item, index) => (this.#stored[from + index] = { ...item, version: item.version + 1 }));
    return count;
  }

  /** Documents of the first half, in no order but the same for everybody: behind each there is a whole page. */
  #lookUp(seconds: number, look: (item: Item) => Promise<number>): Promise<number> {
    return ratePerSecond(seconds, READERS, () => {
      const item = this.#stored[(this.#asked++ * 7_919) % (STORED / 2)];
      if (!item) throw new Error('nothing is stored');
      return look(item);
    });
  }
}

function expectOne(isRight: boolean): number {
  if (!isRight) throw new Error('a look-up was answered wrongly');
  return 1;
}

export type Rate = 'single' | 'concurrent' | 'changing' | 'batched' | 'byId' | 'byNumber' | 'pages';

/** What each rate is called, the unit it counts, and how much of the driver's it has to reach. */
export const RATES: Readonly<Record<Rate, { title: string; unit: string; peer: string; atLeast?: number }>> = {
  single: { title: 'single: one writer', unit: 'commits/s', peer: 'a transaction each' },
  concurrent: {
    title: `concurrent: ${WRITERS} writers, adding`,
    unit: 'commits/s',
    peer: `${WRITERS} a transaction`,
    atLeast: 0.5,
  },
  changing: {
    title: `concurrent: ${WRITERS} writers, changing`,
    unit: 'commits/s',
    peer: `${WRITERS} a transaction`,
    atLeast: 0.5,
  },
  batched: { title: `batched: commits of ${BATCH}`, unit: 'documents/s', peer: `${BATCH} a transaction` },
  byId: { title: `by id, ${READERS} readers`, unit: 'look-ups/s', peer: 'likewise' },
  byNumber: { title: `by unique key, ${READERS} readers`, unit: 'look-ups/s', peer: 'likewise' },
  pages: { title: `pages of ${PAGE} by a key, ${READERS} readers`, unit: 'pages/s', peer: 'likewise' },
};
