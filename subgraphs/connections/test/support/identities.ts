import type { Identity } from '@numberyard/kit/identity/identity';
import { NODES } from './number-inventory.js';

/** A caller of a role at a node. */
export function caller(role: string, node: string, rights: readonly string[] = []): Identity {
  const path = NODES.find(({ id }) => id === node)?.path ?? node;
  return { id: `key-${role}-${node}`.toLowerCase(), label: `${role} of ${node}`, role, rights, node, path };
}

export const provider = caller('PROVIDER_ADMIN', 'prov');
