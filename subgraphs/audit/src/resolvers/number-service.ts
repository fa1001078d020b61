import { createNumberService } from '../commands/services/create-number-service.js';
import { deleteNumberServices } from '../commands/services/delete-number-services.js';
import { listNumberServices, type ListNumberServices } from '../commands/services/list-number-services.js';
import { updateNumberService } from '../commands/services/update-number-service.js';
import type { NumberService } from '../domain/number-service.js';
import type { OperationContext } from './context.js';
import { mutation } from './mutation.js';
import { loadService } from './views.js';

type Id = { readonly id: string };

export const numberServiceQueries = {
  numberServices: (_: unknown, args: ListNumberServices, { commands, identity }: OperationContext) =>
    listNumberServices(commands, identity, args),
  numberService: (_: unknown, { id }: Id, context: OperationContext) => loadService(id, context),
};

const show = (numberService: NumberService) => ({ numberService });

export const numberServiceMutations = {
  createNumberService: mutation(createNumberService, show),
  updateNumberService: mutation(updateNumberService, show),
  async deleteNumberServices(
    _: unknown,
    { input }: { readonly input: { readonly ids: readonly string[] } },
    { commands, identity }: OperationContext,
  ) {
    const { deleted, refusals } = await deleteNumberServices(commands, identity, input);
    return { deleted, userErrors: refusals };
  },
};

export const numberServiceResolvers = {
  NumberService: {
    __resolveReference: ({ id }: Id, context: OperationContext) => loadService(id, context),
    cluster: ({ cluster }: NumberService) => cluster || null,
    partition: ({ partition }: NumberService) => partition || null,
    hierarchyNode: ({ node }: NumberService) => ({ id: node }),
  },
};
