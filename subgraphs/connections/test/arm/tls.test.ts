import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSignedCertificate } from '@numberyard/simulator-arm/certificate';
import { describe, expect, onTestFinished, test } from 'vitest';
import { client, failureOf, listed, manager } from './routing-manager.js';

describe('verification on', () => {
  test('a self-signed certificate is refused', async () => {
    const arm = await manager({ tls: 'self-signed' });
    const to = client(arm, { tlsVerify: true });
    const error = await failureOf(to.serverStatus());
    expect(error).toMatchObject({ code: 'CERTIFICATE_REFUSED', transient: false });
    expect(error.message).toContain('SELF_SIGNED_CERT');
    expect(to.seenCertificate).toBeUndefined();
  });

  test('a certificate of a trusted authority is accepted for the name it is for, and only for that', async () => {
    const certificate = await selfSignedCertificate('127.0.0.1');
    const arm = await manager({ tls: certificate });
    const trusting = { certificateAuthorities: certificate.cert };
    const to = client(arm, { tlsVerify: true }, trusting);
    expect(await to.registeredUserCount()).toBe(2500);
    expect(to.seenCertificate).toBe(arm.fingerprint);
    const elsewhere = await manager({ tls: certificate, host: '127.0.0.2' });
    expect(await failureOf(client(elsewhere, { tlsVerify: true }, trusting).nodes())).toMatchObject({
      code: 'CERTIFICATE_REFUSED',
    });
  });
});

describe('verification off', () => {
  test.each(['BASIC', 'SESSION'] as const)('the first certificate is taken and told, with %s', async (method) => {
    const arm = await manager({ tls: 'self-signed' });
    const to = client(arm, { authenticationMethod: method });
    expect(to.seenCertificate).toBeUndefined();
    expect(await listed(to)).toHaveLength(2500);
    expect(to.seenCertificate).toBe(arm.fingerprint);
  });

  test('another certificate than the pinned one is refused before anything is said', async () => {
    const requests: string[] = [];
    const { key, cert } = await selfSignedCertificate('127.0.0.1');
    const impostor = createServer({ key, cert }, (request, response) => {
      requests.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => impostor.once('listening', resolve));
    onTestFinished(() => void impostor.close());
    const arm = await manager({ tls: 'self-signed' });
    const address = `127.0.0.1:${(impostor.address() as AddressInfo).port}`;
    for (const authenticationMethod of ['BASIC', 'SESSION'] as const) {
      const to = client({ address }, { authenticationMethod, pinnedCertificate: arm.fingerprint });
      expect(await failureOf(to.serverStatus())).toMatchObject({ code: 'CERTIFICATE_REFUSED', transient: false });
    }
    expect(requests).toEqual([]);
  });

  test('the pinned certificate is accepted until it changes, the new one once it is pinned', async () => {
    const arm = await manager({ tls: 'self-signed' });
    expect(await client(arm, { pinnedCertificate: arm.fingerprint }).registeredUserCount()).toBe(2500);
    const changed = await arm.control.changeCertificate();
    const error = await failureOf(client(arm, { pinnedCertificate: arm.fingerprint }).nodes());
    expect(error.code).toBe('CERTIFICATE_REFUSED');
    expect(await client(arm, { pinnedCertificate: changed }).registeredUserCount()).toBe(2500);
  });

  test('a client that was given no pin holds on to the first certificate it saw', async () => {
    const arm = await manager({ tls: 'self-signed' });
    const to = client(arm);
    await to.serverStatus();
    await arm.control.changeCertificate();
    // Four connections at once need new ones beside the one that is open.
    const results = await Promise.allSettled(['r1', 'r2', 'r3', 'r4'].map((id) => to.user(id)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).not.toHaveLength(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'CERTIFICATE_REFUSED' });
  });
});

describe('plain HTTP', () => {
  test('is not spoken unless it is allowed', async () => {
    const arm = await manager();
    const error = await failureOf(client(arm, {}, { allowPlainHttp: false }).serverStatus());
    expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER', transient: false });
    expect(error.message).toContain('does not speak TLS');
  });

  test('is not spoken where a certificate is pinned, allowed or not', async () => {
    const arm = await manager();
    const error = await failureOf(client(arm, { pinnedCertificate: 'AA:BB' }).serverStatus());
    expect(error.message).toContain('does not speak TLS');
  });

  test('where it is allowed, several first calls at once all succeed', async () => {
    const arm = await manager();
    const to = client(arm);
    const users = await Promise.all(['r1', 'r2', 'r3', 'r4', 'r5', 'r6'].map((id) => to.user(id)));
    expect(users.map((user) => user?.id)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5', 'r6']);
    expect(to.seenCertificate).toBeUndefined();
  });
});
