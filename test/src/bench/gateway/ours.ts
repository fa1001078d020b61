/** Contender: our gateway with the subgraphs in its own process. Tells its address to the process that started it. */
import { startGateway } from '@numberyard/gateway/gateway';
import { subgraphs, supergraph } from './catalogue.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };

const gateway = await startGateway({
  supergraphSdl: supergraph(),
  subgraphs: subgraphs().map(({ name, schema }) => ({ name, schema, context: (request) => request })),
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
