/** MongoDB by hand: the native driver, one majority transaction for all that is written together, a change stream for the follower. */
import type { NewEvent } from '@numberyard/kit/log/event';
import { mongo } from 'mongoose';
import { type Item, PAGE, type Subject, type Unit } from './subject.js';

type Stored = Omit<Item, 'id'> & { readonly _id: string };
interface Head {
  readonly _id: string;
  readonly head: number;
}
interface LogEntry extends NewEvent {
  readonly _id: number;
}

const TRANSACTION = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', j: true },
} satisfies mongo.TransactionOptions;

/** @param uri its path names the database */
export async function openRawMongo(uri: string): Promise<Subject> {
  const client = await mongo.MongoClient.connect(uri, { readConcernLevel: 'majority' });
  const db = client.db();
  const docs = await db.createCollection<Stored>('items');
  const log = await db.createCollection<LogEntry>('event_log');
  const heads = await db.createCollection<Head>('heads');
  await docs.createIndex({ number: 1 }, { unique: true }, undefined);
  await docs.createIndex({ owner: 1, status: 1, number: 1, _id: 1 }, undefined, undefined);
  await log.createIndex({ entity: 1, _id: 1 }, undefined, undefined);
  await heads.insertOne({ _id: 'log', head: 0 });

  async function writeAll(units: readonly Unit[], session: mongo.ClientSession): Promise<void> {
    // Documents are replaced by id alone, which the server needs no plan for: with the version in the filter it takes half as long again.
    const changed = units.filter(({ doc }) => doc.version > 0);
    if (changed.length > 0) await checkVersions(changed, session);
    await docs.bulkWrite(units.map(writeOf), { session });
    const moved = await heads.findOneAndUpdate(
      { _id: 'log' },
      { $inc: { head: units.length } },
      { session, returnDocument: 'before' },
    );
    const head = moved?.head ?? 0;
    const entries = units.map(({ event }, index) => ({ _id: head + index + 1, ...event }));
    await log.insertMany(entries, { session });
  }

  /** A document that another transaction changes after it was read here can no longer be written here. */
  async function checkVersions(units: readonly Unit[], session: mongo.ClientSession): Promise<void> {
    const ids = units.map(({ doc }) => doc.id);
    const found = await docs
      .find({ _id: { $in: ids } }, { session, projection: { version: 1 }, batchSize: ids.length + 1 })
      .toArray();
    const versions = new Map(found.map(({ _id, version }) => [_id, version]));
    const stale = units.find(({ doc }) => versions.get(doc.id) !== doc.version);
    if (stale) throw new Error(`${stale.doc.id} is stale`);
  }

  return {
    name: 'raw driver',
    write: (units) =>
      client.withSession(async (session) => {
        await session.withTransaction((transaction) => writeAll(units, transaction), TRANSACTION);
      }),
    byId: async (id) => itemOf(await docs.findOne({ _id: id })),
    byNumber: async (number) => itemOf(await docs.findOne({ number })),
    async pageAfter({ owner, status, number }) {
      const found = docs.find({ owner, status, number: { $gt: number } }).sort({ number: 1, _id: 1 });
      return (await found.limit(PAGE).toArray()).flatMap((stored) => itemOf(stored) ?? []);
    },
    follow: (told) => follow(uri, told),
    close: () => client.close(),
  };
}

function writeOf({ doc: { id, version, ...fields } }: Unit): mongo.AnyBulkWriteOperation<Stored> {
  if (version === 0) return { insertOne: { document: { _id: id, version: 1, ...fields } } };
  return { replaceOne: { filter: { _id: id }, replacement: { version: version + 1, ...fields } } };
}

function itemOf(stored: Stored | null): Item | undefined {
  if (!stored) return undefined;
  const { _id, ...fields } = stored;
  return { id: _id, ...fields };
}

async function follow(uri: string, told: (event: NewEvent) => void): Promise<() => Promise<void>> {
  const client = await mongo.MongoClient.connect(uri);
  const stream = client
    .db()
    .collection<LogEntry>('event_log')
    .watch([{ $match: { operationType: 'insert' } }]);
  // The stream begins where the server is when it is first asked.
  await stream.tryNext();
  const reading = (async () => {
    for await (const change of stream) if (change.operationType === 'insert') told(change.fullDocument);
  })().catch((error: unknown) => {
    if (!stream.closed) throw error;
  });
  return async () => {
    await stream.close();
    await reading;
    await client.close();
  };
}
