import type { Collection } from '@numberyard/kit/storage/collection';
import type { Doc, KeyValue, PagePosition, Store } from '@numberyard/kit/storage/port';

/** Every document of a key, or of its entries with these values, in the key's order; each once. */
export async function allDocuments<D extends Doc>(
  store: Store,
  collection: Collection<D>,
  key: string,
  equals: readonly KeyValue[] = [],
): Promise<D[]> {
  const found = new Map<string, D>();
  let after: PagePosition | undefined;
  do {
    const page = await store.find(collection, { key, equals, limit: 1_000, ...(after ? { after } : {}) });
    for (const doc of page.items) found.set(doc.id, doc);
    after = page.after;
  } while (after);
  return [...found.values()];
}
