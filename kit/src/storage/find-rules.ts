/** What a {@link Find} may ask, judged alike for every engine. */
import type { Collection, KeySpec } from './collection.js';
import { type Condition, type Doc, type Find, type KeyValue, PAGE_LIMIT, StoreError } from './port.js';

/** Most values of one `in`. */
const IN_LIMIT = 500;

/** The key a find reads. @throws StoreError INVALID when the find breaks a rule of the port */
export function checkFind(collection: Collection<Doc>, find: Find): KeySpec {
  const refuse = (rule: string) => new StoreError('INVALID', `find in ${collection.name} by ${find.key}: ${rule}`);
  const key = collection.keys[find.key];
  if (!key) throw refuse('there is no such key');
  if (!Number.isInteger(find.limit) || find.limit < 1 || find.limit > PAGE_LIMIT)
    throw refuse(`limit is not in 1..${PAGE_LIMIT}`);
  const fixed = find.equals?.length ?? 0;
  if (fixed + (find.next ? 1 : 0) > key.paths.length) throw refuse('more values than the key has paths');
  const array = key.paths.findIndex((path) => collection.keyTypes[path]?.inArray);
  if (array >= fixed) throw refuse(`${key.paths[array]} may hold an array and is not fixed by equals`);
  if (find.after && find.after.length !== key.paths.length + 1) throw refuse('after is no position of this key');
  for (const [index, value] of (find.equals ?? []).entries()) {
    if (find.after && find.after[index] !== value) throw refuse('after lies outside of equals');
    if (!isKeyValue(value)) throw refuse('equals holds something else than strings and safe integers');
  }
  for (const condition of [find.next, ...Object.values(find.where ?? {})]) {
    if (condition !== undefined && tooMany(condition)) throw refuse(`in holds more than ${IN_LIMIT} values`);
  }
  return key;
}

/** The key by which a document is got. @throws StoreError INVALID when it is not unique, or the values are not what it holds */
export function checkGetByKey(collection: Collection<Doc>, key: string, values: readonly KeyValue[]): KeySpec {
  const spec = collection.keys[key];
  if (!spec?.unique || spec.paths.length !== values.length || !values.every(isKeyValue)) {
    throw new StoreError('INVALID', `${collection.name}: getByKey needs all values of a unique key (${key})`);
  }
  return spec;
}

/** To a server a value that is missing would be equal to what documents do not have. */
function isKeyValue(value: unknown): value is KeyValue {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

function tooMany(condition: Condition): boolean {
  return typeof condition === 'object' && 'in' in condition && condition.in.length > IN_LIMIT;
}
