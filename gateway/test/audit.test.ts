import { auditServer } from 'graphql-http';
import { expect, test } from 'vitest';
import { GatewayWorld } from './world/gateway-world.js';

const always400 =
  'A caller that accepts application/json only gets the status 400 as well, as Apollo Server does: proxies, logs and retries see that it failed.';

/** What the audit of GraphQL over HTTP recommends and we do otherwise. An entry that is no longer true fails the test. */
const deviations: readonly { readonly audit: string; readonly why: string }[] = [
  { audit: 'SHOULD use 200 status code on document parsing failure when accepting application/json', why: always400 },
  {
    audit: 'SHOULD use 200 status code on document validation failure when accepting application/json',
    why: always400,
  },
  {
    audit: 'SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
    why: always400,
  },
];

test('the GraphQL-over-HTTP audit finds no error, and no warning that is not explained here', async () => {
  await using world = await GatewayWorld.start();
  const results = await auditServer({
    url: `${world.gateway.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), authorization: 'Bearer anna' } }),
  });
  expect(results.length).toBeGreaterThan(50);
  expect(results.filter(({ status }) => status === 'error')).toEqual([]);
  const left = results.filter(({ status }) => status !== 'ok').map(({ name }) => name);
  expect(left.sort()).toEqual(deviations.map(({ audit }) => audit).sort());
});
