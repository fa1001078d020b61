import { badInput } from '@numberyard/kit/graph/errors';
import { findConnection, readPageArguments, type Connection, type PageArguments } from '@numberyard/kit/graph/page';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { AuditRun, AuditRunState } from '../domain/audit-run.js';
import { auditRuns } from '../models/audit-runs.js';
import type { CommandContext } from './context.js';

export interface ListAuditRuns extends PageArguments {
  /** Id of a customer's node; all at the caller's node and below when absent. */
  readonly customer?: string | null;
  readonly state?: AuditRunState | null;
}

/**
 * A page of audit runs, newest first.
 * @throws GraphQLError BAD_USER_INPUT for a node that is not there or not the caller's to see, which are told apart by nobody
 */
export async function listAuditRuns(
  { store, hierarchy }: Pick<CommandContext, 'store' | 'hierarchy'>,
  identity: Identity,
  args: ListAuditRuns,
): Promise<Connection<AuditRun>> {
  readPageArguments(args);
  const { customer, state } = args;
  const node = customer ?? identity.node;
  if (customer != null && !(await hierarchy.visibleNode(node, identity)))
    throw badInput('customer', 'is no hierarchy node at or below yours.');
  const key = state == null ? { key: 'byNodeAndTime', equals: [node] } : { key: 'byNodeState', equals: [node, state] };
  return findConnection(store, auditRuns, { ...key, descending: true }, args, (run) => run);
}
