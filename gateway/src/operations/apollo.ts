/** Queries and mutations: Apollo Server on Apollo Gateway, over sources of our own. */
import { ApolloGateway } from '@apollo/gateway';
import type { GraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { ErrorMask } from '../errors.js';
import { apolloLogger } from '../logger.js';
import type { Logger } from '../logger.js';
import type { GatewayLimits } from '../options.js';
import { documentStore } from './document-store.js';
import { inputCheck } from './input-check.js';
import { limitsRule } from './limits-rule.js';
import { mutationKeyCheck } from './mutation-key-check.js';
import { operationLog } from './operation-log.js';

/** The caller of an operation, and a way to make sure of its key. */
export interface CallerContext extends RequestContext {
  /** Who holds the key at this moment. */
  readonly verifyKey: () => Promise<Identity | undefined>;
}

/** Apollo Server defines this type as one with an index signature. */
export type OperationContext = CallerContext & Record<string, unknown>;

export interface ApolloOptions {
  readonly supergraphSdl: string;
  readonly dataSources: ReadonlyMap<string, GraphQLDataSource>;
  readonly mask: ErrorMask;
  readonly logger: Logger;
  readonly limits: GatewayLimits;
}

/** @throws Error when the supergraph cannot be loaded or names a subgraph there is no source for */
export async function startApollo(options: ApolloOptions): Promise<ApolloServer<OperationContext>> {
  // Read in the gateway's constructor; without it an exporter reports to the vendor.
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  const logger = apolloLogger(options.logger);
  const gateway = new ApolloGateway({
    supergraphSdl: options.supergraphSdl,
    logger,
    // By Apollo's reckoning; in truth a plan takes several times that.
    experimental_approximateQueryPlanStoreMiB: 8,
    buildService: ({ name }) => {
      const dataSource = options.dataSources.get(name);
      if (!dataSource) throw new Error(`The supergraph names a subgraph "${name}" that the gateway was not given.`);
      return dataSource;
    },
  });
  const server = new ApolloServer<OperationContext>({
    gateway,
    logger,
    // Everybody who gets as far as this has a valid key; the explorer needs it.
    introspection: true,
    // A request with one of these is never sent by a foreign page without a preflight. Ours carry the first one anyway.
    csrfPrevention: { requestHeaders: ['authorization', 'x-apollo-operation-name', 'apollo-require-preflight'] },
    persistedQueries: false,
    documentStore: documentStore(),
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: options.limits.tokens, noLocation: false },
    validationRules: [limitsRule(options.limits)],
    plugins: [
      inputCheck,
      mutationKeyCheck,
      operationLog(options.logger, options.mask),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
  await server.start();
  return server;
}
