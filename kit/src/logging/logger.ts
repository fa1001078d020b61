/**
 * Structured logs. Secrets are redacted here, in one place, however deep a caller puts them: whoever logs an object does not have to know what is in it.
 */
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Names of fields whose values never reach a log line, compared without case, dashes and underscores. */
const SECRET_FIELDS = new Set([
  'password',
  'authorization',
  'key',
  'apikey',
  'adminkey',
  'token',
  'secret',
  'signingsecret',
  'encryptionkey',
  'credentials',
  'cookie',
  'setcookie',
  'variables',
]);
/** A key or a header value inside a sentence. */
const SECRET_TEXT = /\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{6,}|\bny_[A-Za-z0-9_-]{8,}/g;
const DEPTH = 8;

/** A copy of `value` in which secret fields and key-like texts are replaced; cycles and depths are cut. */
export function redact(value: unknown, depth = 0, seen: ReadonlySet<object> = new Set()): unknown {
  if (typeof value === 'string') return value.replace(SECRET_TEXT, '[redacted]');
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH || seen.has(value)) return '[cut]';
  const within = new Set(seen).add(value);
  if (value instanceof Error) return redactError(value, depth, within);
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1, within));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      SECRET_FIELDS.has(name.toLowerCase().replace(/[-_]/g, '')) ? '[redacted]' : redact(item, depth + 1, within),
    ]),
  );
}

function redactError(error: Error, depth: number, seen: ReadonlySet<object>): unknown {
  const { name, message, stack, cause, ...rest } = error as Error & Record<string, unknown>;
  return {
    name: error.name ?? name,
    message: redact(error.message ?? message),
    stack: redact(error.stack ?? stack),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1, seen) }),
    ...(redact(rest, depth + 1, seen) as object),
  };
}

/**
 * The root logger: JSON lines on standard output.
 * @param level one of pino's levels, or `silent`
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => redact(fields) as Record<string, unknown>,
    },
    serializers: { err: (error: unknown) => error, error: (error: unknown) => error },
    hooks: {
      logMethod(args: unknown[], method: (...args: unknown[]) => void) {
        method.apply(
          this,
          args.map((arg) => (typeof arg === 'string' ? redact(arg) : arg)),
        );
      },
    },
  };
  return destination ? pino(options as never, destination) : pino(options as never);
}
