/** Turn a stream of one thing into a stream of another, leaving out what maps to nothing; ending the result ends the source at once. */
export function mapStream<A, B>(
  source: AsyncIterableIterator<A>,
  map: (value: A) => Promise<B | undefined> | B | undefined,
): AsyncIterableIterator<B> {
  // Whoever reads by `for await` does not call `return()` after an error, so the source is ended here.
  const mapOrEnd = async (value: A): Promise<B | undefined> => {
    try {
      return await map(value);
    } catch (error) {
      await source.return?.();
      throw error;
    }
  };
  const result: AsyncIterableIterator<B> = {
    [Symbol.asyncIterator]: () => result,
    async next() {
      for (;;) {
        const next = await source.next();
        if (next.done) return { done: true, value: undefined };
        const mapped = await mapOrEnd(next.value);
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
