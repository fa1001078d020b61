/** Makes one kind of error of everything a call may fail with. */
import { RoutingManagerError } from './routing-manager-error.js';

const TLS_VERIFICATION = /CERT|^UNABLE_TO_|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$/;
const NO_TLS = /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST)$/;

/** Code of a system, TLS or undici error; of the first one when several addresses were tried. */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Whether the peer answered a TLS greeting with something else. */
export function speaksNoTls(error: unknown): boolean {
  const code = errorCode(error);
  return (
    NO_TLS.test(code) && (code !== 'EPROTO' || (error instanceof Error && /wrong version number/.test(error.message)))
  );
}

/** What a call that got no whole answer failed with. `begun`: the head of an answer had come. */
export function connectionFailure(error: unknown, begun: boolean): RoutingManagerError {
  if (error instanceof RoutingManagerError) return error;
  const code = errorCode(error);
  if (TLS_VERIFICATION.test(code))
    return new RoutingManagerError(
      'CERTIFICATE_REFUSED',
      `The certificate of the routing manager is not trusted (${code}). Install a trusted one, or switch its verification off to pin it.`,
    );
  if (speaksNoTls(error))
    return new RoutingManagerError(
      'UNEXPECTED_ANSWER',
      'What answers there does not speak TLS. Check the port of the routing manager.',
    );
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new RoutingManagerError('UNEXPECTED_ANSWER', 'The answer of the routing manager is longer than allowed.');
  if (/^(HPE_|UND_ERR_HEADERS_OVERFLOW)/.test(code))
    return new RoutingManagerError('UNEXPECTED_ANSWER', 'What answers there does not speak HTTP. Check the port.');
  if (code === 'ENOTFOUND')
    return new RoutingManagerError(
      'HOST_UNREACHABLE',
      'The name of the routing manager could not be resolved. Check its spelling and the name server.',
    );
  if (begun)
    return new RoutingManagerError(
      'UNEXPECTED_ANSWER',
      `The answer of the routing manager broke off in the middle${inBrackets(code)}.`,
      { transient: true },
    );
  return new RoutingManagerError(
    'HOST_UNREACHABLE',
    `The routing manager could not be reached${inBrackets(code)}. Check its address and port and the network between.`,
    { transient: true },
  );
}

/** A call that took longer than it may, whatever it was at. */
export function tookTooLong(seconds: number, begun: boolean): RoutingManagerError {
  return new RoutingManagerError(
    begun ? 'UNEXPECTED_ANSWER' : 'HOST_UNREACHABLE',
    `The routing manager did not answer in full within ${seconds} seconds. Check its load and the network between.`,
    { transient: true },
  );
}

/** What an answer with another status than 2xx means. */
export function statusFailure(
  {
    status,
    retryAfter,
    sendsElsewhere,
  }: { readonly status: number; readonly retryAfter: string | undefined; readonly sendsElsewhere: boolean },
  patience: { readonly now: number; readonly longestMs: number },
): RoutingManagerError {
  if (status === 401)
    return new RoutingManagerError(
      'CREDENTIALS_REFUSED',
      'The routing manager refused the credentials. Check user name, password and authentication method.',
    );
  if (status === 403)
    return new RoutingManagerError(
      'CREDENTIALS_REFUSED',
      "The routing manager refused access. Check the operator's rights there.",
    );
  if (sendsElsewhere)
    return new RoutingManagerError(
      'ADDRESS_NOT_ALLOWED',
      `The routing manager sends callers to another host or port (status ${status}), where calls must not go. Check its address.`,
    );
  if (status >= 300 && status < 400)
    return new RoutingManagerError(
      'UNEXPECTED_ANSWER',
      `The routing manager sends callers elsewhere (status ${status}), which is not followed. Check its address.`,
    );
  if (status === 404)
    return new RoutingManagerError(
      'UNEXPECTED_ANSWER',
      'What answers there has no such resource (status 404). Check that it is a routing manager whose registered users feature is on.',
    );
  const transient = [429, 500, 502, 503, 504].includes(status);
  return new RoutingManagerError(
    'UNEXPECTED_ANSWER',
    `The routing manager answers with a failure (status ${status}).`,
    {
      transient,
      retryAfterMs: transient ? retryAfterMs(retryAfter, patience) : undefined,
    },
  );
}

/** Retry-After in seconds or as a date, bounded. */
function retryAfterMs(
  header: string | undefined,
  { now, longestMs }: { readonly now: number; readonly longestMs: number },
): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), longestMs);
}

function inBrackets(code: string): string {
  return code === '' ? '' : ` (${code})`;
}
