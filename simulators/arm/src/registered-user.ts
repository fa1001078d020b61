/** How a registration looks on the wire. */
import type { Registration } from './registrations.js';
import type { Node } from './nodes.js';
import type { RegisteredUserRecord } from './wire.js';

const REGISTRATION_LASTS = 3_600_000;

export function recordIdOf(slot: number): string {
  return `r${slot + 1}`;
}

export function slotOf(id: string): number | undefined {
  const match = /^r([1-9]\d{0,8})$/.exec(id);
  return match ? Number(match[1]) - 1 : undefined;
}

/** A device that is online registers again every hour, which moves `expiresAt` and nothing else. */
export function registeredUserRecord(
  { slot, user, nodeId, state, changedAt }: Registration,
  manager: { nodes: ReadonlyMap<string, Node>; domain: string; now: () => number },
): RegisteredUserRecord {
  const node = manager.nodes.get(nodeId);
  const hours = state === 'ONLINE' ? Math.floor((manager.now() - changedAt) / REGISTRATION_LASTS) + 1 : 0;
  const changed = new Date(changedAt).toISOString();
  return {
    id: recordIdOf(slot),
    user,
    aor: `sip:${user}@${manager.domain}`,
    contact: `sip:${user}@10.${(slot >>> 16) & 255}.${(slot >>> 8) & 255}.${slot & 255}:5060`,
    nodeId,
    nodeName: node?.name ?? '',
    ipGroup: 'Users',
    registeredAt: changed,
    expiresAt: new Date(changedAt + hours * REGISTRATION_LASTS).toISOString(),
    state,
    lastUpdated: changed,
  };
}
