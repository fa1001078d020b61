import type { ShownNumber } from '@numberyard/schema/internal';
import { resolutionOf, type Finding } from '../domain/finding.js';
import type { OperationContext } from './context.js';
import { loadFinding, loadRun, nodeReference, seen } from './views.js';

type Id = { readonly id: string };

export const findingResolvers = {
  AuditFinding: {
    __resolveReference: ({ id }: Id, context: OperationContext) => loadFinding(id, context),
    run: ({ run }: Finding, _: unknown, context: OperationContext) => loadRun(run, context),
    inventoryNumber: ({ numberId }: Finding) => (numberId === undefined ? null : { id: numberId }),
    resolution: ({ kind }: Finding) => resolutionOf(kind),
  },
  AuditedNumber: {
    hierarchyNode: ({ node }: ShownNumber, _: unknown, context: OperationContext) => nodeReference(node, context),
  },
  InventoryNumber: {
    async lastAudit({ id }: Id, _: unknown, { loaders, identity }: OperationContext) {
      return seen(await loaders.lastFindings.load(id), identity);
    },
  },
};
