/** Addresses of record, and the numbers in them. */
import { normaliseNumber } from '@numberyard/schema/number';

/**
 * The number an address of record stands for: its user part, when that is one. `sip:+4930123@host;transport=tls` is `+4930123`,
 * `sip:lobby@host` is none. Dots, hyphens and brackets count for nothing where they are mere separators: in `tel:` and with
 * `user=phone` (RFC 3966); elsewhere they belong to a name.
 */
export function numberOfAor(aor: string): string | undefined {
  const uri = /<([^<>]*)>/.exec(aor)?.[1] ?? aor.trim();
  const [, scheme = '', rest = ''] = /^(?:(sips?|tel):)?(.*)$/is.exec(uri) ?? [];
  const at = rest.lastIndexOf('@');
  if (/^sips?$/i.test(scheme) && at < 0) return undefined;
  const user = decode((at < 0 ? rest : rest.slice(0, at)).replace(/[;:].*$/s, ''));
  const separated = /^tel$/i.test(scheme) || /;user=phone(?:[;?]|$)/i.test(rest.slice(at + 1));
  return user === undefined ? undefined : normaliseNumber(separated ? user.replace(/[-.()]/g, '') : user);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
