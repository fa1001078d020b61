import { decide } from '@numberyard/kit/commands/decide';
import type { Actor } from '@numberyard/kit/log/event';
import { save, type Commit, type RequestRecord, type Store } from '@numberyard/kit/storage/port';
import type { AudioCodesConnection, Reachability } from '../domain/connection.js';
import { isSameRoutingManager } from '../domain/routing-manager-address.js';
import { connections } from '../models/connections.js';
import { reachabilityChanged } from './connection-events.js';
import { causeOf, nowOf, type CommandContext } from './context.js';
import { stored } from './queue-run.js';

export interface Dialled {
  /** Record of the request that asked for it. */
  readonly request?: Pick<Commit, 'request'>;
  /** Why it is unreachable; absent when it answered as it should. */
  readonly error?: string;
  /** Fingerprint of the certificate it showed, whatever came of it: whoever is seen first gets the credentials, and nobody else after it. */
  readonly certificate?: string | undefined;
}

/**
 * Keep what dialling a connection came to. The first certificate seen while certificates are not verified is pinned. Says nothing of a connection that
 * was deleted or changed meanwhile: whether the new settings are right is not known yet.
 * @returns the connection as it is now
 */
export function recordReachability(
  { store, clock, requestId }: Pick<CommandContext, 'store' | 'clock' | 'requestId'>,
  dialled: AudioCodesConnection,
  { error, certificate, request }: Dialled,
  actor: Actor,
): Promise<AudioCodesConnection | undefined> {
  return decide(store, async () => {
    const old = await store.get(connections, dialled.id);
    if (!old || !isSameRoutingManager(old.routingManager, dialled.routingManager)) return { value: old };
    // Another try of the same request was faster.
    if (request?.request && (await isKnown(store, request.request))) return { value: old };
    const now = nowOf({ clock });
    // One that was dialled with a pin saw what an administrator may have asked to forget meanwhile.
    const pins = !old.tlsVerify && old.pinnedCertificate === undefined && dialled.pinnedCertificate === undefined;
    const pin = pins && certificate !== undefined ? { pinnedCertificate: certificate } : {};
    const reachability: Reachability =
      error === undefined ? { state: 'REACHABLE', checkedAt: now } : { state: 'UNREACHABLE', checkedAt: now, error };
    const next = { ...old, ...pin, ...(isDialledAlike(old, dialled) ? { reachability } : {}) };
    return {
      value: stored(next),
      commit: {
        save: [save(connections, next)],
        events: reachabilityChanged(old, next, { actor, time: now, ...causeOf({ requestId }) }),
        ...request,
      },
    };
  });
}

function isKnown(store: Store, { caller, mutation, key }: RequestRecord): Promise<boolean> {
  return store.request(caller, mutation, key).then((earlier) => earlier !== undefined);
}

/** Whether two states of a connection to one host would be dialled the same way. */
function isDialledAlike(one: AudioCodesConnection, other: AudioCodesConnection): boolean {
  const fields = ['username', 'sealedPassword', 'authenticationMethod', 'tlsVerify'] as const;
  return fields.every((field) => one[field] === other[field]);
}
