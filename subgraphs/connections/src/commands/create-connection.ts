import { decide } from '@numberyard/kit/commands/decide';
import { checkIdempotencyKey, keyReused, remember } from '@numberyard/kit/commands/remember';
import { newId } from '@numberyard/kit/crypto/id';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import { ancestorsOf, mirroredNodes, type MirroredNode } from '@numberyard/kit/hierarchy/node';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save, type Store } from '@numberyard/kit/storage/port';
import {
  checkConnectionFields,
  foldName,
  passwordPlace,
  type AudioCodesConnection,
  type AuthenticationMethod,
} from '../domain/connection.js';
import { defaultItems } from '../domain/items.js';
import { notFound, type ConnectionsRefusal, type RefusalCode } from '../domain/refusals.js';
import type { SyncRun } from '../domain/run.js';
import { connections } from '../models/connections.js';
import { dataSyncs, schedules } from '../models/items.js';
import { syncRuns } from '../models/sync-runs.js';
import { connectionSaved, given } from './connection-events.js';
import { causeOf, keyActor, nowOf, type CommandContext } from './context.js';
import { hashable } from './hashable.js';
import { queueRun, stored } from './queue-run.js';

export interface CreateConnectionInput {
  readonly node: string;
  readonly name: string;
  readonly routingManager: string;
  readonly username: string;
  readonly password: string;
  readonly authenticationMethod: AuthenticationMethod;
  readonly tlsVerify: boolean;
  readonly syncOnSave: boolean;
  readonly idempotencyKey?: string | null;
}

export interface SavedConnection {
  readonly connection: AudioCodesConnection;
  /** The run that `syncOnSave` queued. */
  readonly run?: SyncRun;
}

/** Add a connection with its two data syncs and its schedule, all disabled (AudioCodes Device Number Integration). Does not dial. */
export async function createConnection(
  context: CommandContext,
  identity: Identity,
  input: CreateConnectionInput,
): Promise<Outcome<SavedConnection, RefusalCode>> {
  const { store } = context;
  const refusals = [...checkConnectionFields(input), ...checkIdempotencyKey(input.idempotencyKey)];
  const node = await context.hierarchy.visibleNode(input.node, identity);
  refusals.push(...checkNode(node));
  const customer = node && (await customerOf(store, node));
  if (node && !customer && refusals.length === 0) refusals.push(wrongType);
  if (!node || !customer || refusals.length > 0) return refused(...refusals);
  const { idempotencyKey, ...asked } = input;
  const id = newId();
  const sealedPassword = context.secretBox.seal(input.password, passwordPlace(id));
  const hashed = hashable(context, identity, asked);
  const outcome = await decide<Outcome<SavedConnection, RefusalCode>>(store, async () => {
    const known = await remember(store, identity, 'createAudioCodesConnection', idempotencyKey, hashed);
    if (known.state === 'OTHER') return { value: refused(keyReused) };
    if (known.state === 'DONE') return { value: await earlierSave(store, known.result) };
    const foldedName = foldName(input.name);
    if (await store.getByKey(connections, 'byCustomerName', [customer, foldedName])) {
      return { value: refused(nameTaken(input.name)) };
    }
    const now = nowOf(context);
    const actor = keyActor(identity);
    const fresh: AudioCodesConnection = {
      id,
      version: 0,
      type: 'AudioCodes',
      name: input.name,
      foldedName,
      customer,
      node: node.id,
      path: node.path,
      ancestors: ancestorsOf(node.path),
      routingManager: input.routingManager,
      username: input.username,
      sealedPassword,
      authenticationMethod: input.authenticationMethod,
      tlsVerify: input.tlsVerify,
      reachability: { state: 'UNKNOWN' },
      createdAt: now,
      updatedAt: now,
    };
    const queue = input.syncOnSave
      ? queueRun(fresh, 'SYNC', 'SAVE', { actor, time: now, requestId: context.requestId })
      : undefined;
    const connection = queue?.connection ?? fresh;
    const items = defaultItems(id, input.name);
    return {
      value: done({ connection: stored(connection), ...(queue ? { run: stored(queue.run) } : {}) }),
      commit: {
        save: [
          save(connections, connection),
          ...items.dataSyncs.map((item) => save(dataSyncs, item)),
          save(schedules, items.schedule),
          ...(queue?.commit.save ?? []),
        ],
        events: [
          connectionSaved(connection, given(input), { actor, time: now, ...causeOf(context) }),
          ...(queue?.commit.events ?? []),
        ],
        ...known.record({ connection: id, run: queue?.run.id ?? null }),
      },
    };
  });
  if (outcome.ok && outcome.value.run) context.bells.runQueued();
  return outcome;
}

const wrongType: ConnectionsRefusal = {
  code: 'WRONG_NODE_TYPE',
  message: 'A connection hangs at a customer or a site of one.',
  field: 'node',
};

function checkNode(node: MirroredNode | undefined): ConnectionsRefusal[] {
  const field = 'node';
  if (!node) return [notFound('hierarchy node', field)];
  if (node.type !== 'CUSTOMER' && node.type !== 'SITE') {
    return [wrongType];
  }
  return node.retired ? [{ code: 'WRONG_NODE_TYPE', message: 'The node is retired.', field }] : [];
}

/** The customer a node is or lies below. */
async function customerOf(store: Store, node: MirroredNode): Promise<string | undefined> {
  if (node.type === 'CUSTOMER') return node.id;
  const above = await store.getMany(mirroredNodes, ancestorsOf(node.path));
  return above.find((ancestor) => ancestor?.type === 'CUSTOMER')?.id;
}

export function nameTaken(name: string): ConnectionsRefusal {
  return {
    code: 'ALREADY_EXISTS',
    message: `The customer has a connection named ${name} already; case makes no difference.`,
    field: 'name',
  };
}

/** What an earlier request with the same idempotency key came to, as it stands now. */
export async function earlierSave(store: Store, result: unknown): Promise<Outcome<SavedConnection, RefusalCode>> {
  const earlier = result as { connection: string; run: string | null };
  const connection = await store.get(connections, earlier.connection);
  if (!connection) return refused(notFound('connection any more: what this key saved was deleted', 'idempotencyKey'));
  const run = earlier.run === null ? undefined : await store.get(syncRuns, earlier.run);
  return done({ connection, ...(run ? { run } : {}) });
}
