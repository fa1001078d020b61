import { badInput } from '@numberyard/kit/graph/errors';
import { findConnection, type Connection, type PageArguments } from '@numberyard/kit/graph/page';
import type { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Store } from '@numberyard/kit/storage/port';
import type { AuditRun } from '../domain/audit-run.js';
import { auditRuns } from '../models/audit-runs.js';

export interface ListAuditRuns extends PageArguments {
  /** Id of a customer's node; all at the caller's node and below when absent. */
  readonly customer?: string | null;
}

/**
 * A page of audit runs, newest first.
 * @throws GraphQLError BAD_USER_INPUT for a node that is not there or not the caller's to see, which are told apart by nobody
 */
export async function listAuditRuns(
  deps: { readonly store: Store; readonly hierarchy: Hierarchy },
  identity: Identity,
  args: ListAuditRuns,
): Promise<Connection<AuditRun>> {
  const node = args.customer ?? identity.node;
  if (node !== identity.node && !(await deps.hierarchy.visibleNode(node, identity))) {
    throw badInput('customer', 'is no hierarchy node at or below yours.');
  }
  const find = { key: 'byNodeAndTime', equals: [node], descending: true };
  return findConnection(deps.store, auditRuns, find, args, (run) => run);
}
