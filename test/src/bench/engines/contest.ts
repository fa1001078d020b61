/** An engine and the driver below it, on databases that are gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { engineSubject } from './engine-subject.js';
import { Contender } from './measures.js';
import { openRawSqlite } from './raw-sqlite.js';
import { items } from './subject.js';

/** An engine beside the driver below it. */
export interface Contest {
  readonly title: string;
  /** What the figures depend on besides the machine. */
  readonly facts: string;
  readonly engine: Contender;
  readonly raw: Contender;
  /** Close both, remove what they stored. */
  end(): Promise<void>;
}

/** Of the stores. */
export const NAME = 'bench';

export async function embeddedContest(): Promise<Contest> {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-engines-'));
  const store = await openEmbeddedStore({ folder, name: NAME, collections: [items] });
  const engine = engineSubject({ name: 'embedded engine', store });
  const raw = openRawSqlite(folder);
  return {
    title: 'embedded',
    facts: `SQLite in ${folder}, the write-ahead log synced at every commit`,
    engine: new Contender(engine, 'by itself'),
    raw: new Contender(raw, 'by hand'),
    async end() {
      await Promise.all([engine.close(), raw.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
