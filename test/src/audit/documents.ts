/** What an audit compares, as its owners store it: numbers with the uses they were given, registered users, and services. */
import { SERVICE_KINDS, type NumberService, type ServiceKind } from '@numberyard/audit/domain/number-service';
import { numberServices } from '@numberyard/audit/models/number-services';
import { mirrored, refOf, type RegisteredUser } from '@numberyard/connections/domain/registered-user';
import { registeredUsers } from '@numberyard/connections/models/registered-users';
import { save, type Save, type Store } from '@numberyard/kit/storage/port';
import {
  newNumber,
  type InventoryNumber,
  type NumberUse,
  type Usage,
} from '@numberyard/number-inventory/domain/number';
import { saveNumber } from '@numberyard/number-inventory/models/number';

/** A customer or site, as documents name it. */
export interface Place {
  readonly customer: string;
  readonly node: string;
  readonly path: string;
}

export const SINCE = '2026-01-01T00:00:00.000Z';

export function inventoryNumber(place: Place, number: string, state: Partial<InventoryNumber> = {}): InventoryNumber {
  return { ...newNumber(place, number, SINCE), ...state };
}

/** A device that is registered with a number, as a sync has mirrored it. */
export function registeredUser(connection: string, armId: string, number: string): RegisteredUser {
  const listed = {
    id: armId,
    aor: `${number}@sip.example`,
    number,
    state: 'ONLINE',
    sbc: '1',
    sbcName: 'SBC-1',
  } as const;
  return mirrored(listed, refOf(connection, armId), connection, 0, SINCE);
}

/** @param name unique per customer, kind and cluster; also makes the id, so that the same is made again */
export function numberService(
  { customer, node, path }: Place,
  kind: ServiceKind,
  number: string,
  name: string,
  more: Partial<Pick<NumberService, 'cluster' | 'partition' | 'mac' | 'vendor' | 'line'>> = {},
): NumberService {
  return {
    id: `${customer}-${name}-${more.cluster ?? ''}`,
    version: 0,
    customer,
    node,
    path,
    ancestors: path.split('.'),
    kind,
    name,
    line: 1,
    number,
    cluster: '',
    partition: '',
    createdAt: SINCE,
    updatedAt: SINCE,
    ...more,
  };
}

/** The use a number has while this device is registered. */
export function deviceUse({ id, connection }: RegisteredUser): NumberUse {
  return { source: 'REGISTERED_USER', ref: id, usage: 'DEVICE', vendor: 'AudioCodes', since: SINCE, connection };
}

/** The use a number has while there is this service, by the status table. */
export function serviceUse({ id, kind, vendor: own }: NumberService): NumberUse {
  const { usage, vendor } = SERVICE_KINDS[kind];
  const shown = vendor === 'OWN' ? own : vendor;
  return { source: 'SERVICE', ref: id, usage: usage as Usage, since: SINCE, ...(shown && { vendor: shown }) };
}

export const saveUser = (user: RegisteredUser): Save => save(registeredUsers, user);
export const saveService = (service: NumberService): Save => save(numberServices, service);
export const saveNew = (number: InventoryNumber): Save => saveNumber(number, 0);

/** As many at once as a commit may be asked to take. */
const BATCH = 500;
/** Commits under way at a time. */
const WAITING = 4;

/** Store documents as they are given, without an event: what nobody was told of. */
export async function put(store: Store, saves: Iterable<Save>): Promise<void> {
  const waiting = new Set<Promise<void>>();
  let batch: Save[] = [];
  const send = async () => {
    const documents = batch;
    batch = [];
    const committing: Promise<void> = store.commit({ save: documents, trusted: true }).then((result) => {
      waiting.delete(committing);
      if (!result.ok) throw new Error(`not stored: ${JSON.stringify(result.conflicts.slice(0, 3))}`);
    });
    waiting.add(committing);
    if (waiting.size >= WAITING) await Promise.race(waiting);
  };
  for (const each of saves) {
    batch.push(each);
    if (batch.length === BATCH) await send();
  }
  if (batch.length > 0) await send();
  await Promise.all(waiting);
}
