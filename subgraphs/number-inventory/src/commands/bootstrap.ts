/** What a new installation begins with: one provider node, and a key for its administrator. */
import { decide } from '@numberyard/kit/commands/decide';
import { newId } from '@numberyard/kit/crypto/id';
import type { NewEvent } from '@numberyard/kit/log/event';
import { save, type Save } from '@numberyard/kit/storage/port';
import type { HierarchyNode } from '../domain/hierarchy.js';
import { apiKeys, type ApiKeyDoc } from '../models/api-key.js';
import { saveNode } from '../models/node.js';
import { hashOf, newApiKey } from './api-key-secret.js';
import { createdEvent } from './api-keys.js';
import { byWorker, nowOf, type Deps } from './context.js';
import { nodeEvent } from './node-event.js';
import { providerNode } from './provider.js';

export interface BootstrapOptions {
  /** The administrator key to use; it is made valid at every start. Without it one is made at the first. */
  readonly adminKey?: string;
  readonly providerName: string;
}

export interface Bootstrapped {
  /** Id of the provider node. */
  readonly provider: string;
  /** In clear, only when it was made just now. */
  readonly adminKey?: string;
}

const by = byWorker('bootstrap', 'first start');

/** Committed with the provider, so that of several first starts at once one makes it, also when they were given different names for it. */
const FIRST_START = { caller: 'bootstrap', mutation: 'bootstrap', key: 'provider', hash: 'provider', result: null };

/** Safe to call at every start, and in several processes at once: only one of them makes the provider. */
export function bootstrap(deps: Pick<Deps, 'store' | 'clock'>, options: BootstrapOptions): Promise<Bootstrapped> {
  const made = newApiKey();
  return decide(deps.store, async () => {
    const existing = await providerNode(deps.store);
    const provider = existing ?? newProvider(options.providerName, nowOf(deps));
    const saves: Save[] = existing ? [] : [saveNode(provider, 0)];
    const events: NewEvent[] = existing ? [] : [nodeEvent('HierarchyNodeCreated', provider, by, provider.createdAt)];
    const isMade = !existing && options.adminKey === undefined;
    const key = options.adminKey ?? (isMade ? made : undefined);
    const apiKey = key === undefined ? undefined : await validKey(deps, provider, key);
    if (apiKey) {
      saves.push(save(apiKeys, apiKey));
      events.push(createdEvent(apiKey, by));
    }
    const value = { provider: provider.id, ...(isMade && { adminKey: made }) };
    if (saves.length === 0) return { value };
    return { value, commit: { save: saves, events, ...(!existing && { request: FIRST_START }) } };
  });
}

/** The provider stands at the top, where the unique name of siblings lets only one of several processes make it. */
function newProvider(name: string, now: string): HierarchyNode {
  const id = newId();
  return { id, type: 'PROVIDER', name, parent: '', path: id, retired: false, createdAt: now };
}

/** The key's document as it has to be to be valid; undefined when it is. */
async function validKey(
  deps: Pick<Deps, 'store' | 'clock'>,
  provider: HierarchyNode,
  key: string,
): Promise<ApiKeyDoc | undefined> {
  const known = await deps.store.getByKey(apiKeys, 'byHash', [hashOf(key)]);
  const isValid =
    known?.role === 'PROVIDER_ADMIN' && known.node === provider.id && known.revokedAt === undefined && !known.expiresAt;
  if (isValid) return undefined;
  return {
    id: known?.id ?? newId(),
    version: known?.version ?? 0,
    hash: hashOf(key),
    label: 'administrator',
    role: 'PROVIDER_ADMIN',
    rights: [],
    node: provider.id,
    path: provider.path,
    nodes: [provider.id],
    createdAt: nowOf(deps),
  };
}
