/** Where a routing manager is: what may be typed for it. */
import { isIPv4, isIPv6 } from 'node:net';

const HTTPS_PORT = 443;

export interface TargetAddress {
  /** An address without brackets, or a hostname in lower case. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]:443`, `arm.example` or `arm.example:443`; undefined for anything else. A host made of
 * numbers that is no IPv4 address is no hostname either, because resolvers read an address into it.
 */
export function parseTargetAddress(text: string): TargetAddress | undefined {
  if (text.length > 300) return undefined;
  if (isIPv6(text) && !text.includes('%')) return { host: text, port: HTTPS_PORT };
  const match = /^(?:\[([^\]%]+)\]|([^:[\]]+))(?::([1-9]\d{0,4}))?$/.exec(text);
  if (!match) return undefined;
  const port = match[3] === undefined ? HTTPS_PORT : Number(match[3]);
  if (port > 65_535) return undefined;
  const [, bracketed, plain = ''] = match;
  if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed, port } : undefined;
  return isIPv4(plain) || isHostname(plain) ? { host: plain.toLowerCase(), port } : undefined;
}

function isHostname(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  const last = labels.at(-1) ?? '';
  if (text.length > 253 || /^(\d+|0x[\da-f]*)$/i.test(last)) return false;
  return labels.every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(label));
}

/** As it stands in a URL. The port is the same over either scheme, so that what was asked about TLS is what is talked to. */
export function originOf({ host, port }: TargetAddress, scheme: 'https' | 'http'): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
