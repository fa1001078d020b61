/** Turn a stream of one thing into a stream of another, leaving out what maps to nothing; ending the result ends the source at once. */
export function mapStream<A, B>(
  source: AsyncIterableIterator<A>,
  map: (value: A) => Promise<B | undefined> | B | undefined,
): AsyncIterableIterator<B> {
  const result: AsyncIterableIterator<B> = {
    [Symbol.asyncIterator]: () => result,
    async next() {
      for (;;) {
        const { done, value } = await source.next();
        if (done) return { done: true, value: undefined };
        const mapped = await map(value);
        if (mapped !== undefined) return { done: false, value: mapped };
      }
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    async throw(error: unknown) {
      await source.return?.();
      throw error;
    },
  };
  return result;
}
