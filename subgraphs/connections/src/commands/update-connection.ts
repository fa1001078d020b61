import { decide } from '@numberyard/kit/commands/decide';
import { checkIdempotencyKey, keyReused, remember } from '@numberyard/kit/commands/remember';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save, type Save, type Store } from '@numberyard/kit/storage/port';
import {
  checkConnectionFields,
  checkPasswordGiven,
  foldName,
  passwordPlace,
  type AudioCodesConnection,
  type AuthenticationMethod,
} from '../domain/connection.js';
import { dataSyncId, purgeName, renamed, scheduleId, scheduleName, syncName } from '../domain/items.js';
import { nodeRetired, notFound, runActive, type RefusalCode } from '../domain/refusals.js';
import { isSameRoutingManager } from '../domain/routing-manager-address.js';
import { connections } from '../models/connections.js';
import { dataSyncs, schedules } from '../models/items.js';
import { activeRuns } from '../models/sync-runs.js';
import { connectionSaved, given } from './connection-events.js';
import { causeOf, keyActor, nowOf, type CommandContext } from './context.js';
import { earlierSave, nameTaken, type SavedConnection } from './create-connection.js';
import { findConnection } from './find-connection.js';
import { hashable } from './hashable.js';
import { queueRun, stored } from './queue-run.js';
import { isAtRetiredNode } from './retired-node.js';

/** Absent fields stay as they are. */
export interface UpdateConnectionInput {
  readonly id: string;
  readonly name?: string;
  readonly routingManager?: string;
  readonly username?: string;
  readonly password?: string;
  readonly authenticationMethod?: AuthenticationMethod;
  readonly tlsVerify?: boolean;
  /** Forget the pinned certificate; the next one seen is pinned. */
  readonly acceptNewCertificate: boolean;
  readonly syncOnSave: boolean;
  readonly idempotencyKey?: string | null;
}

/** Change a connection. A new name goes on to those of its items that still carry the old one. Does not dial. */
export async function updateConnection(
  context: CommandContext,
  identity: Identity,
  input: UpdateConnectionInput,
): Promise<Outcome<SavedConnection, RefusalCode>> {
  const { store } = context;
  const { idempotencyKey, ...asked } = input;
  const hashed = hashable(context, identity, asked);
  const outcome = await decide<Outcome<SavedConnection, RefusalCode>>(store, async () => {
    const old = await findConnection(store, input.id, identity);
    if (!old) return { value: refused(notFound('connection', 'id')) };
    const tooLong = checkIdempotencyKey(idempotencyKey);
    if (tooLong.length > 0) return { value: refused(...tooLong) };
    const known = await remember(store, identity, 'updateAudioCodesConnection', idempotencyKey, hashed);
    if (known.state === 'OTHER') return { value: refused(keyReused) };
    if (known.state === 'DONE') return { value: await earlierSave(store, known.result) };
    const refusals = [...checkConnectionFields(input), ...checkPasswordGiven(old, input)];
    if (refusals.length > 0) return { value: refused(...refusals) };
    const now = nowOf(context);
    const actor = keyActor(identity);
    const changed = { ...applied(old, input, context), updatedAt: now };
    const holder = await store.getByKey(connections, 'byCustomerName', [changed.customer, changed.foldedName]);
    if (holder && holder.id !== old.id) return { value: refused(nameTaken(changed.name)) };
    if (input.syncOnSave && (await store.get(activeRuns, old.id))) {
      return { value: refused({ ...runActive, field: 'syncOnSave' }) };
    }
    if (input.syncOnSave && (await isAtRetiredNode(store, old))) return { value: refused(nodeRetired('syncOnSave')) };
    const queue = input.syncOnSave
      ? queueRun(changed, 'SYNC', 'SAVE', { actor, time: now, requestId: context.requestId })
      : undefined;
    const connection = queue?.connection ?? changed;
    return {
      value: done({ connection: stored(connection), ...(queue ? { run: stored(queue.run) } : {}) }),
      commit: {
        save: [
          save(connections, connection),
          ...(await renamedItems(store, old, connection)),
          ...(queue?.commit.save ?? []),
        ],
        events: [
          connectionSaved(connection, given(input), { actor, time: now, ...causeOf(context) }),
          ...(queue?.commit.events ?? []),
        ],
        ...known.record({ connection: old.id, run: queue?.run.id ?? null }),
      },
    };
  });
  if (outcome.ok && outcome.value.run) context.bells.runQueued();
  return outcome;
}

function applied(
  old: AudioCodesConnection,
  input: UpdateConnectionInput,
  { secretBox }: CommandContext,
): AudioCodesConnection {
  const name = input.name ?? old.name;
  const routingManager = input.routingManager ?? old.routingManager;
  const tlsVerify = input.tlsVerify ?? old.tlsVerify;
  const elsewhere = !isSameRoutingManager(routingManager, old.routingManager);
  const { pinnedCertificate, ...rest } = old;
  const keepsPin = !tlsVerify && !elsewhere && !input.acceptNewCertificate;
  return {
    ...rest,
    name,
    foldedName: foldName(name),
    routingManager,
    username: input.username ?? old.username,
    authenticationMethod: input.authenticationMethod ?? old.authenticationMethod,
    tlsVerify,
    ...(keepsPin && pinnedCertificate !== undefined ? { pinnedCertificate } : {}),
    ...(elsewhere ? { reachability: { state: 'UNKNOWN' } } : {}),
    ...(input.password === undefined ? {} : { sealedPassword: secretBox.seal(input.password, passwordPlace(old.id)) }),
  };
}

/** Saves of the items whose names follow the connection's. */
async function renamedItems(store: Store, from: AudioCodesConnection, to: AudioCodesConnection): Promise<Save[]> {
  if (from.name === to.name) return [];
  const syncs = await store.getMany(dataSyncs, [dataSyncId(from.id, 'SYNC'), dataSyncId(from.id, 'PURGE')]);
  const schedule = await store.get(schedules, scheduleId(from.id));
  const saves: Save[] = [];
  for (const item of syncs) {
    if (!item) continue;
    const name = renamed(item.name, item.kind === 'SYNC' ? syncName : purgeName, from.name, to.name);
    if (name !== item.name) saves.push(save(dataSyncs, { ...item, name }));
  }
  if (schedule) {
    const name = renamed(schedule.name, scheduleName, from.name, to.name);
    if (name !== schedule.name) saves.push(save(schedules, { ...schedule, name }));
  }
  return saves;
}
