/** The address of a Routing Manager as an administrator writes it: IPv4, IPv6 or hostname, optional port (AudioCodes Device Number Integration). */
import { isIPv4, isIPv6 } from 'node:net';

export interface RoutingManagerAddress {
  /** Without brackets; a hostname in lower case. */
  readonly host: string;
  readonly port: number;
}

const HTTPS_PORT = 443;

/**
 * Reads `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]:443`, `arm.example` or `arm.example:443`; the port is 443 when left out.
 * @returns nothing when the text is none of these: no scheme, path or credentials, no zone (it means something on one machine only)
 */
export function parseRoutingManager(text: string): RoutingManagerAddress | undefined {
  if (isIPv6(text) && !text.includes('%')) return { host: text.toLowerCase(), port: HTTPS_PORT };
  const parts = /^(?:\[([^\]%]+)\]|([^:[\]]+))(?::([1-9]\d{0,4}))?$/.exec(text);
  const [, bracketed, plain = '', digits] = parts ?? [];
  const port = digits === undefined ? HTTPS_PORT : Number(digits);
  if (port > 65_535) return undefined;
  if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed.toLowerCase(), port } : undefined;
  return isIPv4(plain) || isHostname(plain) ? { host: plain.toLowerCase(), port } : undefined;
}

/** Whether two addresses, as they are written, are the same host and port. Two spellings of one IPv6 address count as two. */
export function isSameRoutingManager(one: string, other: string): boolean {
  const [a, b] = [parseRoutingManager(one), parseRoutingManager(other)];
  return a !== undefined && a.host === b?.host && a.port === b.port;
}

function isHostname(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  // A number in the last place is a mistyped IPv4 address, and resolvers read an address into it.
  if (text.length > 253 || /^(\d+|0x[\da-f]*)$/i.test(labels.at(-1) ?? '')) return false;
  if (!labels.every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(label))) return false;
  // What begins with xn-- stands for other letters, and some of it for none; no URL takes that.
  return URL.canParse(`https://${text}`);
}
