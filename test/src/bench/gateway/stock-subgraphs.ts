/** The subgraphs of the stock contender, each a standalone Apollo Server, in a process beside its gateway's. */
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { subgraphs } from './catalogue.js';

const urls: Record<string, string> = {};
for (const { name, schema } of subgraphs()) {
  const server = new ApolloServer({ schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
  urls[name] = (await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } })).url;
}
process.send?.({ urls });
