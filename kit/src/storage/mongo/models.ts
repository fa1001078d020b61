/** Mongoose models of the declared collections, with their keys as indexes. */
import type { Connection, Model, Schema } from 'mongoose';
import type { Collection } from '../collection.js';
import type { Doc } from '../port.js';
import { indexesOf } from './indexes.js';

/**
 * A model per collection on this connection. They say where a collection stands and what indexes it has; documents are read and written as plain
 * objects, which hydration would slow down by half. Validation comes before, see `compileValidator`.
 */
export function modelsOf(connection: Connection, collections: readonly Collection<Doc>[]): Model<unknown>[] {
  return collections.map((collection) => {
    const schema: Schema = collection.schema.clone();
    schema.set('versionKey', false);
    schema.set('id', false);
    schema.remove('id');
    schema.add({ _id: { type: String, required: true }, version: { type: Number, required: true } });
    schema.clearIndexes();
    for (const { name, keys, unique, partialFilterExpression } of indexesOf(collection)) {
      schema.index({ ...keys }, { name, unique, partialFilterExpression });
    }
    return connection.model<unknown>(collection.name, schema, collection.name);
  });
}
