/** Codes a run or a test of a connection may fail with while it talks to the routing manager. */
export type RoutingManagerErrorCode =
  'HOST_UNREACHABLE' | 'CREDENTIALS_REFUSED' | 'CERTIFICATE_REFUSED' | 'ADDRESS_NOT_ALLOWED' | 'UNEXPECTED_ANSWER';

/** The message is a sentence for people that says what to check; it never tells a password, a token or a header. */
export class RoutingManagerError extends Error {
  readonly code: RoutingManagerErrorCode;
  /** Whether the same call may succeed a little later. */
  readonly transient: boolean;
  /** How long the routing manager asks to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: RoutingManagerErrorCode,
    message: string,
    more: { readonly transient?: boolean; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.name = 'RoutingManagerError';
    this.code = code;
    this.transient = more.transient ?? false;
    this.retryAfterMs = more.retryAfterMs;
  }
}
