/** Values at the paths of a document, as keys, counters and filters see them. */

/** The value at a dotted path; below an array the values of its elements, flattened. */
export function valueAt(doc: unknown, path: string): unknown {
  let value: unknown = doc;
  if (!path.includes('.')) return isRecord(value) ? value[path] : undefined;
  const steps = path.split('.');
  for (const [index, step] of steps.entries()) {
    if (Array.isArray(value)) {
      const rest = steps.slice(index).join('.');
      return value.flatMap((element: unknown) => valueAt(element, rest) ?? []);
    }
    if (!isRecord(value)) return undefined;
    value = value[step];
  }
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
