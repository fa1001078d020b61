/** Contender: Apollo's gateway as it comes, standalone server and default data source, calling the subgraphs over HTTP. */
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
const { ApolloGateway } = await import('@apollo/gateway');
const { ApolloServer } = await import('@apollo/server');
const { startStandaloneServer } = await import('@apollo/server/standalone');
const { supergraph } = await import('./catalogue.js');

const urls = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl: supergraph(urls) }) });
const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
process.send?.({ url });
