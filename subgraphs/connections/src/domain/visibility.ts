/** Who sees how much of a connection: the one place it is judged, for reads, writes and streams. */
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { hasPower } from '@numberyard/schema/rights';

/** `SHORT`: id, name, type, node and reachability, for whoever belongs below the connection's node. */
export type Sight = 'FULL' | 'SHORT' | 'NONE';

/** @param path of the node the connection hangs at */
export function sightOf(path: string, identity: Identity): Sight {
  if (!hasPower(identity, 'READ')) return 'NONE';
  if (isWithin(path, identity.path)) return 'FULL';
  return isWithin(identity.path, path) ? 'SHORT' : 'NONE';
}

export function seesFully(path: string, identity: Identity): boolean {
  return sightOf(path, identity) === 'FULL';
}
