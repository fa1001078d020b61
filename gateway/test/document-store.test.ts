import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { documentStore } from '../src/operations/document-store.js';

test('documents are kept while their texts are small, and the oldest make way for large ones', async () => {
  const store = documentStore();
  const small = parse('{ a }');
  await store.set('small', small);
  expect(await store.get('small')).toBe(small);
  for (let index = 0; index < 3; index += 1) await store.set(`large ${index}`, parse(`{ ${'x'.repeat(400_000)} }`));
  expect(await store.get('small')).toBeUndefined();
  expect(await store.get('large 2')).toBeDefined();
  await store.delete('large 2');
  expect(await store.get('large 2')).toBeUndefined();
});
