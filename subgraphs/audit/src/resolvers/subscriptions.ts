import { badInput, toGraphQLError } from '@numberyard/kit/graph/errors';
import { mapStream } from '@numberyard/kit/graph/map-stream';
import { isWithin } from '@numberyard/kit/identity/identity';
import { openStream } from '@numberyard/kit/log/stream';
import { fieldsOf } from '@numberyard/schema/events';
import { refresh, type OperationContext } from './context.js';
import { loadRun } from './views.js';

interface StreamArguments {
  readonly run?: string | null;
  readonly within?: string | null;
  readonly after?: string | null;
}

export const subscriptions = {
  auditRunUpdated: {
    /** Audits the caller may see when each event is delivered. */
    async subscribe(_: unknown, { run, within, after }: StreamArguments, context: OperationContext) {
      const { identity, commands } = context;
      const root = within == null ? identity.path : (await commands.hierarchy.visibleNode(within, identity))?.path;
      if (root === undefined) throw badInput('within', 'There is no such hierarchy node.');
      const stream = await openStream({
        log: commands.store.log,
        clock: commands.clock,
        after: after ?? null,
        types: ['AuditRunUpdated'],
        retentions: ['passing'],
      }).catch((error: unknown) => {
        throw toGraphQLError(error);
      });
      return mapStream(stream, async ({ event, cursor }) => {
        const fields = isWithin(event.path, root) ? fieldsOf(event, 'AuditRunUpdated') : undefined;
        if (!fields || (run != null && fields.run !== run)) return undefined;
        refresh(context);
        const auditRun = await loadRun(fields.run, context);
        return auditRun ? { auditRunUpdated: { change: fields.change, auditRun, cursor } } : undefined;
      });
    },
  },
};
