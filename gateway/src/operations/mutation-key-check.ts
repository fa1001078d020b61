/**
 * A key is believed for some seconds after it was verified. That will do for reading; but a key that was just revoked must not be able to make itself a
 * successor, so before a mutation it is verified anew.
 */
import type { ApolloServerPlugin } from '@apollo/server';
import { scopeOf } from '@numberyard/kit/identity/identity';
import { unauthenticated } from '../errors.js';
import type { OperationContext } from './apollo.js';

export const mutationKeyCheck: ApolloServerPlugin<OperationContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, contextValue: { identity, verifyKey } }) => {
      if (operation?.operation !== 'mutation') return;
      const now = await verifyKey();
      if (!now || scopeOf(now) !== scopeOf(identity)) throw unauthenticated();
    },
  }),
};
