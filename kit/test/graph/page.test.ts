import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { encodePosition, readPageArguments, toConnection } from '../../src/graph/page.js';

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function codeOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error instanceof GraphQLError ? error.extensions : error;
  }
  return undefined;
}

describe('readPageArguments', () => {
  it('takes 50 when no size is asked for', () => {
    expect(readPageArguments({})).toEqual({ limit: 50 });
    expect(readPageArguments({ first: null, after: null })).toEqual({ limit: 50 });
  });

  it.each([0, -1, 501, 1.5, NaN])('refuses a page of %s', (first) => {
    expect(codeOf(() => readPageArguments({ first }))).toEqual({ code: 'BAD_USER_INPUT', field: 'first' });
  });

  it('reads back the position it wrote', () => {
    const position = ['ä"\\', 0, -7, Number.MAX_SAFE_INTEGER, ''];
    expect(readPageArguments({ first: 500, after: encodePosition(position) })).toEqual({ limit: 500, after: position });
  });

  it.each([
    ['empty', ''],
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('[1').toString('base64url')],
    ['no list', base64({ a: 1 })],
    ['an empty list', base64([])],
    ['a list of nothing', base64([null])],
    ['a list of lists', base64([['a']])],
    ['a fraction', base64([1.5])],
    ['a number no engine holds', base64([2 ** 53])],
    ['an endless list', base64(Array(9).fill('a'))],
  ])('refuses a cursor that is %s', (_what, after) => {
    expect(codeOf(() => readPageArguments({ after }))).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
  });
});

describe('toConnection', () => {
  it('gives each edge the cursor of its item, and goes on from the last', () => {
    const page = { items: ['a', 'b'], positions: [[1], [2]], after: [2] };
    const { edges, pageInfo } = toConnection(page, {}, (item) => item.toUpperCase());
    expect(edges).toEqual([
      { node: 'A', cursor: encodePosition([1]) },
      { node: 'B', cursor: encodePosition([2]) },
    ]);
    expect(pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: encodePosition([1]),
      endCursor: encodePosition([2]),
    });
  });

  it('says where to go on even when a page was cut short before it found anything', () => {
    const { edges, pageInfo } = toConnection({ items: [], positions: [], after: [9] }, { after: 'x' }, (item) => item);
    expect(edges).toEqual([]);
    expect(pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true, endCursor: encodePosition([9]) });
  });

  it('has neither cursors nor a next page when there is nothing', () => {
    expect(toConnection({ items: [], positions: [] }, {}, (item) => item).pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
  });
});
