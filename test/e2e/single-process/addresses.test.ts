/** Where a connection may not lead, through the real server. */
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { expect, it, onTestFinished } from 'vitest';
import { openSingleProcess, type SingleProcess } from '../../src/world/single-process.js';
import { connect, createCustomer, sync } from '../../src/world/steps.js';
import type { Credentials } from '../../src/world/world.js';

async function opened(env: Readonly<Record<string, string>> = {}): Promise<SingleProcess> {
  const world = await openSingleProcess(env);
  onTestFinished(() => world.close());
  return world;
}

/** What the test of a connection to an address, and a run of its sync, fail with. */
async function refusal(world: SingleProcess, address: string, manager?: Credentials) {
  const client = world.client();
  const { customer } = await createCustomer(world, `At ${address}`);
  const { username, password } = manager ?? { username: 'operator', password: 'secret' };
  const { id, sync: dataSync } = await connect(client, customer, 'main', { address, username, password });
  const tested = await client.ask<{ userErrors: { code: string; field: string; message: string }[] }>(
    `mutation($input: TestAudioCodesConnectionInput!) {
      testAudioCodesConnection(input: $input) { userErrors { code field message } }
    }`,
    { input: { id } },
  );
  const run = await sync(client, dataSync);
  return { tested: tested.userErrors, run: run.error };
}

const NOT_ALLOWED = (says: string) => ({
  tested: [{ code: 'ADDRESS_NOT_ALLOWED', field: 'routingManager', message: expect.stringContaining(says) as string }],
  run: { code: 'ADDRESS_NOT_ALLOWED', message: expect.stringContaining(says) as string },
});

it('refuses link-local addresses, the server itself and a redirect to either, where loopback is allowed', async () => {
  const world = await opened();
  for (const address of ['169.254.169.254', '[::ffff:169.254.169.254]', '[fe80::1]:8443'])
    expect(await refusal(world, address), address).toEqual(NOT_ALLOWED('link-local'));
  const { port } = new URL(world.url);
  for (const address of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
    expect(await refusal(world, address), address).toEqual(NOT_ALLOWED('this server itself'));
  for (const location of ['http://169.254.169.254/latest/meta-data', `${world.url}/graphql`]) {
    const manager: RoutingManager & Credentials = await world.routingManager();
    manager.control.fault({ kind: 'redirect', location });
    expect(await refusal(world, manager.address, manager), location).toEqual(NOT_ALLOWED('another host or port'));
  }
});

it('refuses loopback unless it is allowed, and what is in none of the allowed networks', async () => {
  const world = await opened({ NUMBERYARD_ALLOW_LOOPBACK: 'false', NUMBERYARD_ALLOWED_NETWORKS: '198.51.100.0/24' });
  const manager = await world.routingManager();
  expect(await refusal(world, manager.address, manager)).toEqual(NOT_ALLOWED('this machine itself'));
  expect(await refusal(world, '203.0.113.7')).toEqual(NOT_ALLOWED('in none of the allowed networks'));
});
