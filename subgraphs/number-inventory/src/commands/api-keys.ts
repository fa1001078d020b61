/** API keys: creating, listing and revoking them. */
import { decide } from '@numberyard/kit/commands/decide';
import { newId } from '@numberyard/kit/crypto/id';
import { checkPosition } from '@numberyard/kit/graph/page';
import { done, refused } from '@numberyard/kit/graph/refusal';
import { asRead, save, type Page, type PagePosition, type Store } from '@numberyard/kit/storage/port';
import { entity, event } from '@numberyard/schema/events';
import { hasPower, mayGrant, type Right, type Role } from '@numberyard/schema/rights';
import { ancestorsOf } from '../domain/hierarchy.js';
import { notFound, reason, textProblem, type Reason, type Result } from '../domain/refusals.js';
import { apiKeys, type ApiKeyDoc } from '../models/api-key.js';
import { nodes } from '../models/node.js';
import { hashOf, newApiKey } from './api-key-secret.js';
import { byCaller, nowOf, type By, type Caller, type Deps } from './context.js';
import { sees, visibleNode } from './visible.js';

const LONGEST_LABEL = 64;

export interface CreateApiKeyInput {
  readonly label: string;
  readonly role: Role;
  readonly rights?: readonly Right[] | null;
  readonly node?: string | null;
  readonly expiresAt?: string | null;
}

export interface CreatedApiKey {
  readonly apiKey: ApiKeyDoc;
  /** In clear, here and never again. */
  readonly key: string;
}

/** Refuses NOT_FOUND (the node), WRONG_NODE_TYPE (a retired one), NOT_GRANTABLE (a role or right above the caller's own), OUT_OF_RANGE, REQUIRED. */
export function createApiKey(deps: Deps, caller: Caller, input: CreateApiKeyInput): Promise<Result<CreatedApiKey>> {
  const { identity } = caller;
  const now = nowOf(deps);
  const rights = [...new Set(input.rights ?? [])];
  const key = newApiKey();
  const id = newId();
  return decide<Result<CreatedApiKey>>(deps.store, async () => {
    const node = await visibleNode(deps.store, identity, input.node ?? identity.node);
    const refusals: Reason[] = [
      ...textProblem(input.label, 'label', LONGEST_LABEL),
      ...(mayGrant(identity.role, input.role)
        ? []
        : [reason('NOT_GRANTABLE', 'Nobody grants a role above the own.', 'role')]),
      ...(rights.length === 0 || hasPower(identity, 'ADMINISTER_CONNECTIONS')
        ? []
        : [reason('NOT_GRANTABLE', 'Nobody grants a right they do not have.', 'rights')]),
      ...(node ? [] : [notFound('node', 'node')]),
      ...(node?.retired ? [reason('WRONG_NODE_TYPE', 'The node is retired.', 'node')] : []),
      ...(input.expiresAt && input.expiresAt <= now ? [reason('OUT_OF_RANGE', 'This is past.', 'expiresAt')] : []),
    ];
    if (refusals.length > 0 || !node) return { value: refused(...refusals) };
    const apiKey: ApiKeyDoc = {
      id,
      version: 0,
      hash: hashOf(key),
      label: input.label.trim(),
      role: input.role,
      rights,
      node: node.id,
      path: node.path,
      nodes: ancestorsOf(node.path),
      createdAt: now,
      ...(input.expiresAt && { expiresAt: input.expiresAt }),
    };
    // The node must not be retired meanwhile.
    const commit = {
      expect: [asRead(nodes, node)],
      save: [save(apiKeys, apiKey)],
      events: [createdEvent(apiKey, byCaller(caller))],
    };
    return { value: done({ apiKey, key }), commit };
  });
}

/** Refuses NOT_FOUND, NOT_GRANTABLE (a key of a higher role). A key that is revoked already stays as it is. */
export function revokeApiKey(deps: Deps, caller: Caller, id: string): Promise<Result<ApiKeyDoc>> {
  return decide<Result<ApiKeyDoc>>(deps.store, async () => {
    const apiKey = await deps.store.get(apiKeys, id);
    if (!apiKey || !sees(caller.identity, apiKey)) return { value: refused(notFound('API key', 'id')) };
    if (!mayGrant(caller.identity.role, apiKey.role)) {
      return { value: refused(reason('NOT_GRANTABLE', 'The key has a higher role than the own.', 'id')) };
    }
    if (apiKey.revokedAt !== undefined) return { value: done(apiKey) };
    const now = nowOf(deps);
    const next = { ...apiKey, revokedAt: now };
    const told = event(
      'ApiKeyRevoked',
      { key: id, label: apiKey.label },
      { ...about(next), time: now, ...byCaller(caller) },
    );
    return { value: done(next), commit: { save: [save(apiKeys, next)], events: [told] } };
  });
}

/** Keys of a node and below, in order of their creation. @throws GraphQLError BAD_USER_INPUT when `after` is no position of these keys */
export async function findApiKeys(
  store: Store,
  node: string,
  limit: number,
  after?: PagePosition,
): Promise<Page<ApiKeyDoc>> {
  const find = { key: 'byCreation', equals: [node], limit, ...(after && { after }) };
  checkPosition(apiKeys, find);
  return store.find(apiKeys, find);
}

export function createdEvent(apiKey: ApiKeyDoc, by: By) {
  const { id: key, label, role, node } = apiKey;
  return event('ApiKeyCreated', { key, label, role, node }, { ...about(apiKey), time: apiKey.createdAt, ...by });
}

function about(apiKey: ApiKeyDoc) {
  return { retention: 'history', entity: entity.apiKey(apiKey.id), path: apiKey.path } as const;
}
