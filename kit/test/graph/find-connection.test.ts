import { encodePosition, findConnection } from '@numberyard/kit/graph/page';
import { defineCollection } from '@numberyard/kit/storage/collection';
import { save, type Doc } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { Schema } from 'mongoose';
import { afterEach, describe, expect, it } from 'vitest';

interface Thing extends Doc {
  readonly shelf: string;
  readonly name: string;
}
const things = defineCollection<Thing>({
  name: 'things',
  schema: new Schema({ shelf: String, name: String }),
  keys: { byShelf: { paths: ['shelf', 'name'] } },
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp() {
  const { store, close } = await openTestStore({ collections: [things] });
  closers.push(close);
  const names = ['a', 'b', 'c', 'd', 'e'];
  await store.commit({ save: names.map((name) => save(things, { id: `t-${name}`, version: 0, shelf: 's', name })) });
  return (args: { first?: number; after?: string | null }) =>
    findConnection(store, things, { key: 'byShelf', equals: ['s'] }, args, ({ name }) => name);
}

describe('findConnection', () => {
  it('pages through a list from cursor to cursor, each thing once', async () => {
    const list = await setUp();
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { edges, pageInfo } = await list({ first: 2, after });
      seen.push(...edges.map(({ node }) => node));
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('goes on after any edge, not only the last of a page', async () => {
    const list = await setUp();
    const { edges } = await list({ first: 4 });
    const rest = await list({ after: edges[1]?.cursor ?? null });
    expect(rest.edges.map(({ node }) => node)).toEqual(['c', 'd', 'e']);
  });

  it.each([
    ['of another list', ['s', 'a', 'x', 'y']],
    ['too short', ['s']],
    ['of the same list with other arguments', ['another shelf', 'a', 't-a']],
  ])('takes a cursor that is %s for the client’s mistake', async (_what, position) => {
    const list = await setUp();
    await expect(list({ after: encodePosition(position) })).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', field: 'after' },
    });
  });
});
