/**
 * Contender: our gateway, with the subgraphs in its own process or, given their addresses as JSON, in another one over HTTP. Tells its address to
 * the process that started it.
 */
import { startGateway } from '@numberyard/gateway/gateway';
import { subgraphs, supergraph } from './catalogue.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };
const urls = process.argv[2] === undefined ? undefined : (JSON.parse(process.argv[2]) as Record<string, string>);

const gateway = await startGateway({
  supergraphSdl: supergraph(urls),
  subgraphs: urls
    ? // Signed as between processes of ours, though these subgraphs do not look at it.
      Object.entries(urls).map(([name, url]) => ({
        name,
        url,
        signingSecret: 'the secret of this bench, and no other',
      }))
    : subgraphs().map(({ name, schema }) => ({ name, schema, context: (request) => request })),
  authenticate: async (authorization) =>
    authorization === 'Bearer bench'
      ? { id: 'bench', label: 'bench', role: 'BENCH', rights: [], node: 'root', path: 'root' }
      : undefined,
  readiness: async () => ({}),
  logger: silent,
  port: 0,
  production: true,
});
process.send?.({ url: `${gateway.url}/graphql` });
