/** Parsed and validated operations, kept for the next time; bounded by the texts they were made of. */
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** What Apollo Server asks of a cache. */
interface DocumentStore {
  get(key: string): Promise<DocumentNode | undefined>;
  set(key: string, document: DocumentNode): Promise<void>;
  delete(key: string): Promise<void>;
}

/** A document takes about a hundred times the memory of its text, so this is some 100 MB if somebody tries. */
const bounds = { max: 1_000, maxSize: 1_000_000 };

export function documentStore(): DocumentStore {
  const documents = new LRUCache<string, DocumentNode>({
    ...bounds,
    sizeCalculation: ({ loc }) => (loc ? loc.end - loc.start + 1 : 1_000),
  });
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) => void documents.set(key, document),
    delete: async (key) => void documents.delete(key),
  };
}
