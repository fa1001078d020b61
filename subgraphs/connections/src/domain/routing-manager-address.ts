/** The address of a Routing Manager as an administrator writes it: IPv4, IPv6 or hostname, optional port (AudioCodes Device Number Integration). */
import { isIPv4, isIPv6 } from 'node:net';

export interface RoutingManagerAddress {
  /** Without brackets; a hostname in lower case. */
  readonly host: string;
  readonly port?: number;
}

/**
 * Reads `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]:443`, `arm.example` or `arm.example:443`.
 * @returns nothing when the text is none of these: no scheme, path or credentials, no zone (it means something on one machine only)
 */
export function parseRoutingManager(text: string): RoutingManagerAddress | undefined {
  if (isIPv6(text) && !text.includes('%')) return { host: text };
  const parts = /^(?:\[([^\]%]+)\]|([^:[\]]+))(?::([1-9]\d{0,4}))?$/.exec(text);
  const [, bracketed, plain = '', digits] = parts ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed) ? withPort(bracketed, digits) : undefined;
  return isIPv4(plain) || isHostname(plain) ? withPort(plain.toLowerCase(), digits) : undefined;
}

function withPort(host: string, digits: string | undefined): RoutingManagerAddress | undefined {
  if (digits === undefined) return { host };
  const port = Number(digits);
  return port <= 65_535 ? { host, port } : undefined;
}

function isHostname(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  // A number in the last place is a mistyped IPv4 address, and resolvers read an address into it.
  if (text.length > 253 || /^(\d+|0x[\da-f]*)$/i.test(labels.at(-1) ?? '')) return false;
  return labels.every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(label));
}
