import type { Commit, Store } from '@numberyard/kit/storage/port';

/** A store whose commits are looked at before they are asked for and after they were answered. */
export function watchedStore(
  store: Store,
  {
    before,
    after,
  }: { readonly before?: (commit: Commit) => Promise<void>; readonly after?: (commit: Commit) => Promise<void> },
): Store {
  const commit: Store['commit'] = async (asked) => {
    await before?.(asked);
    const result = await store.commit(asked);
    await after?.(asked);
    return result;
  };
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === 'commit') return commit;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
