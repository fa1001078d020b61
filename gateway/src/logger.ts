/** The part of a pino logger the gateway uses. */
type LogMethod = (fields: object, message: string) => void;

export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

type TextMethod = (message?: unknown) => void;

/** The shape Apollo's packages log through; their start-up chatter is kept at debug. */
export function apolloLogger(logger: Logger): Record<'debug' | 'info' | 'warn' | 'error', TextMethod> {
  return {
    debug: (message) => logger.debug({ component: 'apollo' }, String(message)),
    info: (message) => logger.debug({ component: 'apollo' }, String(message)),
    warn: (message) => logger.warn({ component: 'apollo' }, String(message)),
    error: (message) => logger.error({ component: 'apollo' }, String(message)),
  };
}
