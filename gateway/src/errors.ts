/** Errors as callers see them: those with a code of their own pass, anything else is hidden behind the request id. */
import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import type { Logger } from './logger.js';

/** A refusal by the gateway itself. */
export function gatewayError(
  code: string,
  message: string,
  extensions: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions } });
}

/** The caller's key is missing or does not count, by HTTP a 401. */
export function unauthenticated(): GraphQLError {
  return gatewayError('UNAUTHENTICATED', 'Send a valid key: "Authorization: Bearer <key>".', {
    http: { status: 401, headers: new HeaderMap([['www-authenticate', 'Bearer']]) },
  });
}

const internalCode = 'INTERNAL_SERVER_ERROR';

/** An error somebody decided on: it carries a code, and not the one for everything else. */
function isDeliberate(extensions: Readonly<Record<string, unknown>> | undefined): boolean {
  return typeof extensions?.['code'] === 'string' && extensions['code'] !== internalCode;
}

export interface ErrorMaskOptions {
  /** Outside production the message of an unexpected error is shown; a stack never is. */
  readonly production: boolean;
  readonly logger: Logger;
}

/** Hides unexpected errors and logs them, once, under the request id. */
export class ErrorMask {
  readonly #options: ErrorMaskOptions;
  /** An error crosses several layers, each of which masks; only the first of them has anything to say about it. */
  readonly #masked = new WeakSet<Error>();

  constructor(options: ErrorMaskOptions) {
    this.#options = options;
  }

  /** @param where what failed, e.g. a subgraph's name; for the log only */
  mask(error: unknown, requestId: string, where: string): GraphQLError {
    if (error instanceof GraphQLError && (isDeliberate(error.extensions) || this.#isMasked(error))) return error;
    this.#log(error, requestId, where);
    const masked = new GraphQLError(this.#messageFor(error, requestId), {
      ...(error instanceof GraphQLError && error.path ? { path: error.path } : {}),
      extensions: { code: internalCode },
    });
    this.#masked.add(masked);
    return masked;
  }

  /** The same for an error that was formatted already; `original` is what goes to the log. */
  maskFormatted(formatted: GraphQLFormattedError, original: unknown, requestId: string): GraphQLFormattedError {
    if (isDeliberate(formatted.extensions) || this.#isMasked(original)) return formatted;
    this.#log(original, requestId, 'gateway');
    return { ...formatted, message: this.#messageFor(original, requestId) };
  }

  #isMasked(error: unknown): boolean {
    if (!(error instanceof GraphQLError)) return false;
    return this.#masked.has(error) || (error.originalError !== undefined && this.#masked.has(error.originalError));
  }

  #messageFor(error: unknown, requestId: string): string {
    if (!this.#options.production && error instanceof Error) return error.message;
    return `Something went wrong; see the log under request id ${requestId}.`;
  }

  #log(error: unknown, requestId: string, where: string): void {
    const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
    this.#options.logger.error({ err: cause, requestId, where }, 'unexpected error');
  }
}
