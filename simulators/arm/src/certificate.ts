/** Self-signed certificates, as a routing manager has out of the box. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A new key and certificate for this host and for localhost. */
export async function selfSignedCertificate(host: string): Promise<Certificate> {
  const addresses = new Set(['127.0.0.1', '::1', ...(isIP(host) ? [host] : [])]);
  const names = new Set(['localhost', ...(isIP(host) ? [] : [host])]);
  const made = await generate([{ name: 'commonName', value: 'arm.example' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...Array.from(names, (value) => ({ type: 2 as const, value })),
          ...Array.from(addresses, (ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}

/** SHA-256 over the certificate, upper-case hexadecimal pairs joined by colons. */
export function fingerprint(certificate: Certificate): string {
  return new X509Certificate(certificate.cert).fingerprint256;
}
