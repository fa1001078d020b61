/** Structured logs. Secrets are redacted here, in one place, and not by whoever logs. */
import {
  pino,
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
  type LoggerOptions,
} from 'pino';
import { redact, redactText } from './redact.js';

export type { Logger } from 'pino';

const asIs = (value: unknown): unknown => value;

/**
 * The root logger: JSON lines on standard output.
 * @param level one of pino's levels, or `silent`
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: redactFields },
    // Errors have been made plain by the time serializers run.
    serializers: { err: asIs, error: asIs },
    hooks: {
      logMethod(args, method) {
        // The first argument goes through `formatters.log`; the others are put into the message.
        const [first, ...rest] = args;
        method.apply(this, [first, ...rest.map((arg) => redact(arg))] as typeof args);
      },
      // The message of an error logged without one, and texts put together out of harmless parts, are seen only here.
      streamWrite: redactText,
    },
  };
  const logger = destination ? pino(options, destination) : pino(options);
  return redactBindings(logger);
}

/** A child's bindings are written before any formatter sees them. Children inherit from their parent, so that one override covers them all. */
function redactBindings(logger: Logger): Logger {
  const { child, setBindings } = logger;
  const redacting = {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): unknown {
      return Reflect.apply(child, this, [redactFields(bindings), options]);
    },
    setBindings(this: Logger, bindings: Bindings): void {
      Reflect.apply(setBindings, this, [redactFields(bindings)]);
    },
  };
  return Object.assign(logger, redacting);
}

function redactFields(fields: object): Record<string, unknown> {
  return redact(fields) as Record<string, unknown>;
}
