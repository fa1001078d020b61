/** One log line per query or mutation, errors masked on the way out. Never variables: they carry what callers type in. */
import type { ApolloServerPlugin } from '@apollo/server';
import { performance } from 'node:perf_hooks';
import { gatewayError } from '../errors.js';
import type { ErrorMask } from '../errors.js';
import { withoutValues } from './input-check.js';
import type { Logger } from '../logger.js';
import type { OperationContext } from './apollo.js';

/** Characters of an operation's name that are logged. */
const longestName = 100;

export function operationLog(logger: Logger, mask: ErrorMask): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: async () => {
      const begun = performance.now();
      return {
        didResolveOperation: async ({ operation }) => {
          if (operation?.operation !== 'subscription') return;
          throw gatewayError(
            'BAD_REQUEST',
            'Subscriptions are served over WebSocket (graphql-transport-ws) at this address.',
            {
              http: { status: 400 },
            },
          );
        },
        willSendResponse: async (request) => {
          const { body } = request.response;
          const { requestId, identity } = request.contextValue;
          if (body.kind !== 'single') return;
          body.singleResult.extensions = withoutNotes(body.singleResult.extensions);
          const { errors } = body.singleResult;
          if (errors) {
            body.singleResult.errors = withoutValues(errors, request).map((error, index) =>
              mask.maskFormatted(error, request.errors?.[index], requestId),
            );
          }
          logger.info(
            {
              requestId,
              caller: identity.id,
              operation: request.operationName?.slice(0, longestName),
              kind: request.operation?.operation,
              durationMs: Math.round((performance.now() - begun) * 10) / 10,
              ...(errors ? { errors: [...new Set(errors.map((error) => error.extensions?.['code']))] } : {}),
            },
            'operation',
          );
        },
      };
    },
  };
}

/** The executor notes each field it had to null; an entity the caller may not see is null, and that is all to be told. */
function withoutNotes(extensions: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const rest = Object.entries(extensions ?? {}).filter(([name]) => name !== 'valueCompletion');
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}
