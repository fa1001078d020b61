import type { ListedUse } from '@numberyard/schema/internal';
import type { AudioCodesConnection } from './connection.js';
import type { RegisteredUser } from './registered-user.js';

/**
 * A registered user as one that uses a number; nothing when it is not there or has none. Its row of the status table: Used, Device, AudioCodes
 * ("AudioCodes Device Number Integration").
 */
export function listedUse(
  { id, inUse, aor, sbcName }: RegisteredUser,
  connection: Pick<AudioCodesConnection, 'id' | 'name' | 'node'>,
): ListedUse[] {
  if (inUse === undefined) return [];
  return [
    {
      ref: id,
      number: inUse,
      connection: connection.id,
      node: connection.node,
      status: 'USED',
      usage: 'DEVICE',
      vendor: 'AudioCodes',
      usedBy: `registered user ${aor} (${sbcName}) of connection ${connection.name}`,
      cluster: null,
      partition: null,
    },
  ];
}
