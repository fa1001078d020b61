import fc from 'fast-check';
import { mongo, Schema } from 'mongoose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Collection, defineCollection } from '../../../src/storage/collection.js';
import { entriesOf, valuesAt } from '../../../src/storage/entries.js';
import { matches } from '../../../src/storage/filter.js';
import { codecOf, type Stored } from '../../../src/storage/mongo/documents.js';
import { findPage } from '../../../src/storage/mongo/find.js';
import { indexesOf } from '../../../src/storage/mongo/indexes.js';
import { compareValues } from '../../../src/storage/order.js';
import {
  type Condition,
  type Doc,
  DOCUMENT_COST,
  EXAMINE_LIMIT,
  type Find,
  type KeyValue,
  type Page,
} from '../../../src/storage/port.js';
import { takeTestDatabases, type TestDatabases } from '../../../src/testing/mongo.js';
import { explain, type SentCommand } from '../../../src/testing/query-plans.js';

interface Thing extends Doc {
  readonly name?: string | null;
  readonly rank?: number | null;
  readonly nodes?: readonly string[];
  readonly place?: { readonly room?: string | null };
  readonly tags?: readonly (string | null)[];
  readonly note?: string | null;
  readonly open?: boolean;
}

const things: Collection<Thing> = defineCollection<Thing>({
  name: 'things',
  schema: new Schema({
    name: String,
    rank: Number,
    nodes: [String],
    place: new Schema({ room: String }, { _id: false }),
    tags: [String],
    note: String,
    open: Boolean,
  }),
  keys: {
    name: { paths: ['name'] },
    rank: { paths: ['rank', 'name'] },
    at: { paths: ['nodes', 'rank', 'name', 'place.room'] },
    unique: { paths: ['nodes', 'place.room'], unique: true },
  },
});

let databases: TestDatabases;
let client: mongo.MongoClient;
let collection: mongo.Collection<Stored>;
const sent: SentCommand[] = [];

beforeAll(async () => {
  databases = await takeTestDatabases('find');
  client = await mongo.MongoClient.connect(databases.uri, { monitorCommands: true });
  collection = client
    .db()
    .collection<Stored>('things', { readConcern: { level: 'majority' }, writeConcern: { w: 'majority' } });
  await collection.createIndexes(indexesOf(things).map(({ keys, ...index }) => ({ ...index, key: { ...keys } })));
  client.on('commandStarted', ({ command, commandName }) => {
    if (commandName === 'find') sent.push(command);
  });
});
afterEach(async () => {
  await collection.deleteMany({});
  sent.length = 0;
});
afterAll(async () => {
  await client.close();
  databases.release();
});

async function fill(docs: readonly Omit<Thing, 'version'>[]): Promise<void> {
  const { encode } = codecOf(things);
  const stored = docs.map((doc) => encode(structuredClone({ ...doc }), 1));
  for (let from = 0; from < stored.length; from += 5_000) {
    await collection.insertMany(stored.slice(from, from + 5_000));
  }
}

const find = (wanted: Find): Promise<Page<Doc>> =>
  client.withSession((session) =>
    findPage({ collection, session, decode: (stored) => codecOf(things).decode(stored) }, things, wanted),
  );

async function pages(wanted: Find): Promise<Page<Doc>[]> {
  const all: Page<Doc>[] = [];
  for (let after = wanted.after; ; after = all.at(-1)?.after) {
    all.push(await find({ ...wanted, ...(after && { after }) }));
    if (!all.at(-1)?.after) return all;
  }
}

/** A negative number where `a` stands before `b`. */
function compare(a: readonly KeyValue[], b: readonly KeyValue[]): number {
  return a.map((value, index) => compareValues(value, b[index]!)).find((order) => order !== 0) ?? 0;
}

/** What a find promises, by sorting and filtering everything. */
function expected(docs: readonly Thing[], wanted: Find): string[] {
  const { paths } = things.keys[wanted.key]!;
  const { equals = [], next, where = {}, after, descending } = wanted;
  const sign = descending ? -1 : 1;
  const ids = docs
    .flatMap((doc) => entriesOf(valuesAt(doc, paths)).map((entry) => ({ doc, entry: [...entry, doc.id] })))
    .filter(({ entry }) => equals.every((value, index) => entry[index] === value))
    .filter(({ entry }) => !next || matches({ next: entry[equals.length] }, { next }))
    .filter(({ doc }) => matches(doc, where))
    .filter(({ entry }) => !after || sign * compare(entry, after) > 0)
    .sort((a, b) => sign * compare(a.entry, b.entry))
    .map(({ doc }) => doc.id);
  return ids;
}

const NAMES = ['', 'a', 'ab', 'b', 'Z', 'ä', '\uFB01', '😀', '49', '$x', 'a.b'];
const name = fc.constantFrom(...NAMES);
const rank = fc.constantFrom(-5, 0, 1, 2, 49, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);
const node = fc.constantFrom('root', 'east', 'west');
const value: fc.Arbitrary<KeyValue> = fc.oneof(name, rank);
const range = fc.oneof(
  fc.record({ gte: value, gt: value, lt: value, lte: value }, { requiredKeys: [] }),
  fc.record({ gte: value, lt: value }),
  fc.record({ in: fc.array(value, { maxLength: 4 }) }),
  fc.record({ prefix: name }),
);
const condition: fc.Arbitrary<Condition> = fc.oneof(range, value, fc.boolean(), fc.record({ exists: fc.boolean() }));
const absentable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 8 });
const docs = fc
  .array(
    fc.record(
      {
        name: absentable(name),
        rank: absentable(rank),
        nodes: fc.uniqueArray(node, { maxLength: 3 }),
        tags: fc.array(absentable(name), { maxLength: 3 }),
        note: absentable(name),
        open: fc.boolean(),
      },
      { requiredKeys: ['nodes'] },
    ),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map((each, index): Thing => ({
      ...each,
      id: `i${(index * 7) % 40}`,
      version: 1,
      place: { room: `r${index}` },
    })),
  );
const where = fc.dictionary(
  fc.constantFrom('name', 'rank', 'nodes', 'tags', 'note', 'open', 'place.room', 'id', 'none'),
  condition,
  { maxKeys: 3 },
);
const options = { where, descending: fc.boolean(), limit: fc.integer({ min: 1, max: 12 }) };
const next = fc.option(range, { nil: undefined });
const question = fc
  .oneof(
    fc.record({ key: fc.constant('name'), equals: fc.constantFrom([], ['a'], ['49'], [49]), next, ...options }),
    fc.record({ key: fc.constant('rank'), equals: fc.oneof(fc.constant([]), fc.tuple(value)), next, ...options }),
    fc.record({ key: fc.constant('at'), equals: fc.oneof(fc.tuple(node), fc.tuple(node, value)), next, ...options }),
    fc.record({ key: fc.constant('unique'), equals: fc.tuple(node), next, ...options }),
  )
  .chain((asked) => {
    // Any position, of values of either type, as a client might make one up. A unique key's ends before the id.
    const rest = things.keys[asked.key]!.paths.length - asked.equals.length;
    const made = fc.tuple(...Array.from({ length: rest }, () => value), fc.constantFrom('', 'i14', 'i3'));
    const after = asked.key === 'unique' ? fc.constant(undefined) : fc.option(made, { nil: undefined });
    return after.map((position) => ({ ...asked, ...(position && { after: [...asked.equals, ...position] }) }));
  })
  .map(({ next: asked, ...rest }): Find => ({
    ...rest,
    ...(asked && rest.equals.length < things.keys[rest.key]!.paths.length && { next: asked }),
  }));

describe('a page out of an index', () => {
  it('is what sorting and filtering all documents gives, whatever is asked, and no query scans or sorts', async () => {
    await fc.assert(
      fc.asyncProperty(docs, fc.array(question, { minLength: 1, maxLength: 6 }), async (all, questions) => {
        await collection.deleteMany({});
        if (all.length > 0) await fill(all);
        for (const each of questions) {
          sent.length = 0;
          const found = await pages(each);
          expect(found.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(expected(all, each));
          for (const command of sent) await expectIndexed(command, each);
        }
      }),
      { numRuns: 60 },
    );
  }, 240_000);

  it.each([false, true])(
    'costs as many entries as it has items, wherever in the key it begins (descending: %s)',
    async (descending) => {
      const nodes = ['root', 'east'];
      await fill(
        Array.from({ length: 1_200 }, (_, index) => {
          const id = `i${String(index).padStart(4, '0')}`;
          return { id, nodes, rank: index % 3, name: `n${index % 300}`, place: { room: id } };
        }),
      );
      const seen = await pages({ key: 'at', equals: ['east'], limit: 100, descending });
      expect(seen.map(({ items }) => items.length)).toEqual(Array.from({ length: 12 }, () => 100));
      expect(sent).toHaveLength(12);
      for (const command of sent) {
        const plan = await explain(client.db(), command);
        expect(plan.docsExamined).toBeLessThanOrEqual(101);
        // Up to one entry more for each stretch that begins and ends a page.
        expect(plan.keysExamined).toBeLessThanOrEqual(101 + 5);
      }
    },
  );

  it('reads no document for conditions that the index answers', async () => {
    await fill(
      Array.from({ length: 5_000 }, (_, index) => {
        const id = `i${String(index).padStart(4, '0')}`;
        return { id, nodes: ['root'], rank: 1, name: id, place: { room: `${index % 1_000 === 999 ? 'r' : 'q'}${id}` } };
      }),
    );
    const [page] = await pages({ key: 'at', equals: ['root', 1], where: { 'place.room': { prefix: 'r' } }, limit: 10 });
    expect(page?.items.map(({ id }) => id)).toEqual(['i0999', 'i1999', 'i2999', 'i3999', 'i4999']);
    const plans = await Promise.all(sent.map((command) => explain(client.db(), command)));
    expect(plans.reduce((sum, { docsExamined }) => sum + docsExamined, 0)).toBe(5);
  });

  it('examines no more than it may for a filter that nothing passes, in queries that are bounded each', async () => {
    const most = EXAMINE_LIMIT / DOCUMENT_COST;
    const count = most + Math.floor(most / 2);
    await fill(
      Array.from({ length: count }, (_, index) => ({ id: String(index), name: String(index).padStart(6, '0') })),
    );
    const first = await find({ key: 'name', where: { note: 'none' }, limit: 10 });
    expect(first).toMatchObject({
      items: [],
      after: [String(most - 1).padStart(6, '0'), String(most - 1)],
    });
    const plans = await Promise.all(sent.map((command) => explain(client.db(), command)));
    expect(Math.max(...plans.map(({ docsExamined }) => docsExamined))).toBeLessThanOrEqual(2_000);
    expect(plans.reduce((sum, { docsExamined }) => sum + docsExamined, 0)).toBe(most);
    expect(await find({ key: 'name', where: { note: 'none' }, limit: 10, after: first.after! })).toEqual({
      items: [],
      positions: [],
    });
  });
});

async function expectIndexed(command: SentCommand, { key }: Find): Promise<void> {
  const { stages, indexes, keysExamined } = await explain(client.db(), command);
  expect(stages).not.toContain('COLLSCAN');
  // Conditions that contradict each other leave no bounds, and so nothing to sort.
  if (keysExamined > 0) expect(stages).not.toContain('SORT');
  if (!stages.includes('EOF')) expect(indexes).toEqual([`key_${key}`]);
}
