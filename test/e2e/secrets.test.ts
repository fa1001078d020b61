/** A password or key appears in no log, event, error, answer, file or database in clear. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, createCustomer, sync } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

const PASSWORD = 'kestrel-Ottoman-41-violin';

let world: World;
let made: string;
let answers: string;

beforeAll(async () => {
  world = await openWorld();
  const client = world.client();
  const { customer } = await createCustomer(world);
  for (const [name, tls, authenticationMethod] of [
    ['plain', undefined, 'BASIC'],
    ['secure', 'self-signed' as const, 'SESSION'],
  ] as const) {
    const manager = await world.routingManager({
      password: PASSWORD,
      users: { count: 5, firstNumber: '+493023125000' },
      ...(tls ? { tls } : {}),
    });
    const connection = await connect(client, customer, name, manager, { authenticationMethod, tlsVerify: false });
    expect(await sync(client, connection.sync)).toMatchObject({ error: null });
    manager.control.fault({ kind: 'failed-page' });
    await sync(client, connection.sync);
    manager.control.clearFaults();
  }
  const wrong = await world.routingManager({ password: 'something else' });
  const refused = await connect(client, customer, 'refused', { ...wrong, password: PASSWORD });
  const run = await sync(client, refused.sync);
  const created = await client.change<{ key: string; apiKey: { id: string } }>(
    `mutation($input: CreateApiKeyInput!) {
      createApiKey(input: $input) { key apiKey { id } userErrors { code message field } }
    }`,
    { label: 'for the test', role: 'OPERATOR' },
  );
  made = created.key;
  await world.client(made).send('{ numbers { edges { node { id } } } }');
  await world.client(`${made}x`).send('{ numbers { edges { node { id } } } }');
  const told = await client.send(`{
    apiKeys { edges { node { id label role } } }
    audioCodesConnections { edges { node { id name username hasPassword reachability { error } lastSyncRun { error { message } } } } }
  }`);
  answers = JSON.stringify([run, told]);
});

afterAll(() => world?.close());

it('keeps passwords and keys out of all that is stored', async () => {
  const all = await world.atRest();
  expect(all.length).toBeGreaterThan(4);
  for (const [name, content] of all) {
    for (const secret of [PASSWORD, made, world.adminKey]) {
      expect(content.includes(secret), `${name} tells a secret`).toBe(false);
    }
  }
});

it('keeps them out of every log line', () => {
  expect(world.log.length).toBeGreaterThan(0);
  const basic = Buffer.from(`operator:${PASSWORD}`).toString('base64');
  for (const secret of [PASSWORD, basic, made, world.adminKey]) {
    expect(world.log.filter((line) => line.includes(secret))).toEqual([]);
  }
});

it('keeps them out of every answer and error', () => {
  for (const secret of [PASSWORD, made, world.adminKey]) expect(answers).not.toContain(secret);
});
