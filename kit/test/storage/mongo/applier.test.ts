import { mongo } from 'mongoose';
import { expect, it } from 'vitest';
import { MongoApplier } from '../../../src/storage/mongo/applier.js';
import { Collections } from '../../../src/storage/mongo/layout.js';
import { Patience } from '../../../src/storage/mongo/patience.js';
import { StoreError } from '../../../src/storage/port.js';
import type { PreparedCommit } from '../../../src/storage/prepared.js';

const commit: PreparedCommit = { expect: [], save: [], remove: [], events: [], documents: 0, size: 0 };

/** Answers each attempt by what the test says, without a database. */
class Scripted extends Patience {
  readonly #answers: unknown[];

  constructor(answers: unknown[]) {
    super((error) => new StoreError('UNAVAILABLE', 'away', { cause: error }));
    this.#answers = answers;
  }

  override async persist<T>(): Promise<T> {
    const answer = this.#answers.shift();
    if (answer instanceof Error) throw answer;
    return answer as T;
  }
}

it('answers what was applied one by one, although the database went away in the middle of it', async () => {
  const client = new mongo.MongoClient('mongodb://127.0.0.1:1');
  const applied = { position: 7, versions: [] };
  const applier = new MongoApplier({
    client,
    collections: new Collections(client.db('none')),
    declared: new Map(),
    patience: new Scripted([new RangeError('poison'), [applied], new StoreError('UNAVAILABLE', 'away')]),
    applied: () => {},
  });
  expect(await applier.applyGroup({ id: 'g', commits: [commit, commit, commit] })).toEqual([
    applied,
    { fault: 'away' },
    { fault: 'away' },
  ]);
});
