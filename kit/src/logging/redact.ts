/** Secrets out of whatever is about to be logged, however deep a caller put them: whoever logs an object does not have to know what is in it. */

/** Names of fields whose values never reach a log line, compared without case, dashes and underscores. */
const SECRET_FIELD =
  /^(key|variables|sealed)$|(password|passphrase|secret|token|authorization|cookies?|credentials?|(api|admin|private|encryption|signing)key)$/;
/** A header value, a key, or the user part of an address inside a sentence. */
const BEARER = /\bBearer\s+[A-Za-z0-9+/=._~-]{6,}/gi;
const BASIC = /\bBasic\s+([A-Za-z0-9+/]{3,}={0,2})/gi;
const API_KEY = /(?<![A-Za-z0-9])ny_[A-Za-z0-9_-]{8,}/g;
const USER_PART = /\/\/[^\s/@:"\\]*:[^\s/@"\\]*@/g;
const DEPTH = 8;

/** A sentence, or a whole log line, without the secrets that can be told by their form. */
export function redactText(text: string): string {
  return text
    .replace(BEARER, '[redacted]')
    .replace(BASIC, (found: string, value: string) => (isUserAndPassword(value) ? '[redacted]' : found))
    .replace(API_KEY, '[redacted]')
    .replace(USER_PART, '//[redacted]@');
}

/** Tells `Basic dXNlcjpwYXNz` from the words "Basic authentication". */
function isUserAndPassword(value: string): boolean {
  return Buffer.from(value, 'base64').includes(':');
}

/**
 * A copy of `value`, fit for JSON, in which secret fields and secrets inside texts are replaced; cycles and depths are cut. Never throws, because a line
 * about a problem must not become a problem.
 */
export function redact(value: unknown, depth = 0, seen: ReadonlySet<object> = new Set()): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH || seen.has(value)) return '[cut]';
  try {
    return redactObject(value, depth, new Set(seen).add(value));
  } catch {
    return '[unreadable]';
  }
}

function redactObject(value: object, depth: number, seen: ReadonlySet<object>): unknown {
  const inner = (item: unknown) => redact(item, depth + 1, seen);
  if (value instanceof Error) return redactError(value, depth, seen);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Set) return Array.from(value, inner);
  if (value instanceof Map) return redactFields(value, depth, seen);
  if (hasJson(value)) return inner(value.toJSON());
  return redactFields(
    Object.keys(value).map((name) => [name, read(value, name)]),
    depth,
    seen,
  );
}

function hasJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function redactFields(fields: Iterable<readonly unknown[]>, depth: number, seen: ReadonlySet<object>): object {
  return Object.fromEntries(
    Array.from(fields, ([name, item]) => [
      redactText(String(name)),
      SECRET_FIELD.test(String(name).toLowerCase().replace(/[-_]/g, '')) ? '[redacted]' : redact(item, depth + 1, seen),
    ]),
  );
}

function redactError(error: Error, depth: number, seen: ReadonlySet<object>): object {
  const own = Object.keys(error).map((name) => [name, read(error, name)] as const);
  // These are not enumerable, but what an error is read for.
  const always = ['name', 'message', 'stack', 'cause', 'errors'].map((name) => [name, read(error, name)] as const);
  const fields = [...always.filter(([, value]) => value !== undefined), ...own];
  return redactFields(new Map(fields), depth, seen);
}

/** A field's value; a getter may throw. */
function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return '[unreadable]';
  }
}
