import { once } from 'node:events';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { fingerprint, selfSignedCertificate } from '../src/certificate.js';
import { smallManager } from './manager.js';

async function certificateAt(address: string, ca?: string): Promise<{ fingerprint: string; socket: TLSSocket }> {
  const { hostname, port } = new URL(`https://${address}`);
  const socket = connect({
    host: hostname.replace(/[[\]]/g, ''),
    port: Number(port),
    ...(ca ? { ca } : { rejectUnauthorized: false }),
  });
  await once(socket, 'secureConnect');
  const { fingerprint256: fingerprint } = socket.getPeerCertificate();
  socket.destroy();
  return { fingerprint, socket };
}

test('the self-signed certificate is the one announced and nobody vouches for it', async () => {
  const manager = await smallManager({ tls: 'self-signed' });
  const seen = await certificateAt(manager.address);
  expect(seen.fingerprint).toBe(manager.fingerprint);
  expect(seen.socket.authorized).toBe(false);
  const untrusting = connect({ host: '127.0.0.1', port: Number(manager.address.split(':')[1]) });
  const [error] = (await once(untrusting, 'error')) as [Error & { code: string }];
  expect(error.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
});

test('after a change of certificate new connections see the new one', async () => {
  const manager = await smallManager({ tls: 'self-signed' });
  const changed = await manager.control.changeCertificate();
  expect(changed).not.toBe(manager.fingerprint);
  expect((await certificateAt(manager.address)).fingerprint).toBe(changed);
});

test('a certificate of ones own is served, and verifies for who trusts it', async () => {
  const certificate = await selfSignedCertificate('127.0.0.1');
  const manager = await smallManager({ tls: certificate });
  const seen = await certificateAt(manager.address, certificate.cert);
  expect(seen.socket.authorized).toBe(true);
  expect(seen.fingerprint).toBe(fingerprint(certificate));
});
