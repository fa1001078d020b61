import { readPageArguments, toConnection, type PageArguments } from '@numberyard/kit/graph/page';
import { createApiKey, findApiKeys, revokeApiKey, type CreateApiKeyInput } from '../commands/api-keys.js';
import type { ApiKeyDoc } from '../models/api-key.js';
import { payload } from './answers.js';
import type { GraphContext } from './context.js';

export const apiKeyResolvers = {
  Query: {
    async apiKeys(_: unknown, args: PageArguments, context: GraphContext) {
      const { limit, after } = readPageArguments(args);
      const page = await findApiKeys(context.deps.store, context.identity.node, limit, after);
      return toConnection(page, args, (apiKey) => apiKey);
    },
  },

  Mutation: {
    async createApiKey(_: unknown, { input }: { input: CreateApiKeyInput }, context: GraphContext) {
      return payload(await createApiKey(context.deps, context, input), (created) => created);
    },
    async revokeApiKey(_: unknown, { input }: { input: { id: string } }, context: GraphContext) {
      return payload(await revokeApiKey(context.deps, context, input.id), (apiKey) => ({ apiKey }));
    },
  },

  ApiKey: {
    hierarchyNode: ({ node }: ApiKeyDoc, _: unknown, context: GraphContext) => context.nodes.load(node),
  },
};
