/** Contender: our gateway with its subgraphs in the same process. */
import { startGateway } from '@numberyard/gateway/gateway';
import { Feed, supergraph } from './feed.js';
import { obeyPace } from './pace.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };
const feed = new Feed();
const gateway = await startGateway({
  supergraphSdl: supergraph(),
  subgraphs: feed.subgraphs().map(({ name, schema }) => ({ name, schema, context: (request) => request })),
  authenticate: async () => ({ id: 'bench', label: 'bench', role: 'BENCH', rights: [], node: 'root', path: 'root' }),
  readiness: async () => ({}),
  logger: silent,
  port: 0,
  production: true,
});
obeyPace(() => feed.emit());
process.send?.({ url: `${gateway.url.replace('http', 'ws')}/graphql` });
