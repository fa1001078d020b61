/** Documents as the graph shows them to one caller: nothing of what it may not see leaves here. */
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import type { AuditRun } from '../domain/audit-run.js';
import type { Finding } from '../domain/finding.js';
import type { NumberService } from '../domain/number-service.js';
import type { OperationContext } from './context.js';

interface Placed {
  readonly path: string;
}

/** What is at the caller's node or below; anything else is as if it were not there. */
export function seen<T extends Placed>(thing: T | null | undefined, identity: Identity): T | null {
  return thing && isWithin(thing.path, identity.path) ? thing : null;
}

export async function loadRun(id: string, { loaders, identity }: OperationContext): Promise<AuditRun | null> {
  return seen(await loaders.runs.load(id), identity);
}

export async function loadFinding(id: string, { loaders, identity }: OperationContext): Promise<Finding | null> {
  return seen(await loaders.findings.load(id), identity);
}

export async function loadService(id: string, { loaders, identity }: OperationContext): Promise<NumberService | null> {
  return seen(await loaders.services.load(id), identity);
}

/** A node as a reference to its owner; null for one the caller may not see. */
export async function nodeReference(id: string, { loaders, identity }: OperationContext) {
  const node = id === identity.node ? { path: identity.path } : await loaders.nodes.load(id);
  return seen(node, identity) && { id };
}
