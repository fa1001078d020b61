/** What a schema says that the paths of its documents hold. */
import type { Schema, SchemaType } from 'mongoose';

/** A path of strings or numbers. */
export interface PathType {
  readonly of: 'string' | 'number';
  /** Whether it holds, or lies below, an array. */
  readonly inArray: boolean;
}

/** The type of a path; undefined when the schema does not say that it holds strings or numbers. */
export function pathType(schema: Schema, path: string): PathType | undefined {
  if (path === 'id') return { of: 'string', inArray: false };
  const steps = path.split('.');
  const types = steps.map((_, index) => schema.path(steps.slice(0, index + 1).join('.')) as SchemaType | undefined);
  const own = types.at(-1);
  const instance = own?.instance === 'Array' ? own.getEmbeddedSchemaType()?.instance : own?.instance;
  const inArray = types.some((type) => type?.instance.endsWith('Array'));
  if (instance === 'String') return { of: 'string', inArray };
  if (instance === 'Number') return { of: 'number', inArray };
  return undefined;
}
