/** Validation of documents by their Mongoose schema, without a database. */
import mongoose, { type Model, type Schema } from 'mongoose';
import type { Collection } from './collection.js';
import { type Doc, StoreError } from './port.js';
import { valueAt } from './paths.js';

/** Takes its own copy of the document at once; rejects with a StoreError INVALID that names collection, path and rule. */
export type Validator = (doc: Doc) => Promise<void>;

/**
 * Compile a collection's schema into a validator. A document must already be what its schema says: nothing is cast, no default filled in,
 * because what is stored has to be what the command decided and told in its events.
 */
export function compileValidator(collection: Collection<Doc>): Validator {
  const model = detachedModel(collection);
  const paths = Object.keys(model.schema.paths);
  return async (doc) => {
    const refuse = (path: string, rule: string, cause?: unknown) =>
      new StoreError('INVALID', `${collection.name}: ${path}: ${rule} (document ${doc.id})`, { cause });
    let hydrated;
    try {
      hydrated = new model(doc);
    } catch (error) {
      throw refuse(
        error instanceof Error && 'path' in error ? String(error.path) : 'document',
        messageOf(error),
        error,
      );
    }
    for (const path of paths) {
      const given = valueAt(doc, path);
      if (typeof given === 'object' || given === undefined) continue;
      const cast: unknown = hydrated.get(path);
      if (typeof cast !== typeof given) throw refuse(path, `is a ${typeof given} where the schema has another type`);
    }
    try {
      await hydrated.validate();
    } catch (error) {
      const [first] = error instanceof mongoose.Error.ValidationError ? Object.values(error.errors) : [];
      throw refuse(first?.path ?? 'document', messageOf(first ?? error), error);
    }
  };
}

function detachedModel(collection: Collection<Doc>): Model<Doc> {
  const schema: Schema = collection.schema.clone();
  if (!schema.path('id')) schema.add({ id: { type: String, required: true } });
  if (!schema.path('version')) schema.add({ version: { type: Number, required: true } });
  schema.set('strict', 'throw');
  // Without these Mongoose would queue work for a connection that never comes.
  schema.set('autoIndex', false);
  schema.set('autoCreate', false);
  return new mongoose.Mongoose().model<Doc>(collection.name, schema as Schema<Doc>);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
