import { describe, expect, it } from 'vitest';
import { mapStream } from '../../src/graph/map-stream.js';

/** A source that says whether it was ended. */
function source(values: readonly number[]) {
  const state = { ended: false };
  const rest = [...values];
  const iterator: AsyncIterableIterator<number> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      const value = rest.shift();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      state.ended = true;
      return { done: true, value: undefined };
    },
  };
  return { state, iterator };
}

describe('mapStream', () => {
  it('maps each value in order and leaves out what maps to nothing', async () => {
    const seen: string[] = [];
    const stream = mapStream(source([1, 2, 3, 4]).iterator, async (n) => (n % 2 ? undefined : `n${n}`));
    for await (const value of stream) seen.push(value);
    expect(seen).toEqual(['n2', 'n4']);
  });

  it('keeps values that are false, zero or empty', async () => {
    const seen: unknown[] = [];
    for await (const value of mapStream(source([1, 2]).iterator, (n) => (n === 1 ? 0 : ''))) seen.push(value);
    expect(seen).toEqual([0, '']);
  });

  it('ends its source when its reader stops', async () => {
    const { state, iterator } = source([1, 2, 3]);
    for await (const value of mapStream(iterator, (n) => n)) if (value === 2) break;
    expect(state.ended).toBe(true);
  });

  it('ends its source when mapping fails, because a reader does not after an error', async () => {
    const { state, iterator } = source([1]);
    const stream = mapStream(iterator, () => Promise.reject(new Error('broken')));
    await expect(stream.next()).rejects.toThrow('broken');
    expect(state.ended).toBe(true);
  });

  it('ends its source when an error is thrown into it', async () => {
    const { state, iterator } = source([1]);
    await expect(mapStream(iterator, (n) => n).throw?.(new Error('stop'))).rejects.toThrow('stop');
    expect(state.ended).toBe(true);
  });
});
