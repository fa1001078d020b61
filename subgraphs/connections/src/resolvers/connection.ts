import { findConnection as findPage, type PageArguments } from '@numberyard/kit/graph/page';
import type { AudioCodesConnection } from '../domain/connection.js';
import { dataSyncId, scheduleId, type DataSync } from '../domain/items.js';
import type { RegisteredUser } from '../domain/registered-user.js';
import { registeredUsers } from '../models/registered-users.js';
import type { OperationContext } from './context.js';
import { loadConnection, loadRun, type ConnectionView } from './views.js';

/** A field that is null in the short form. */
const ofFull =
  <T>(field: (connection: AudioCodesConnection) => T) =>
  ({ full }: ConnectionView): T | null =>
    full ? (field(full) ?? null) : null;

export const connectionResolvers = {
  AudioCodesConnection: {
    __resolveReference: ({ id }: { id: string }, context: OperationContext) => loadConnection(id, context),
    id: ({ brief }: ConnectionView) => brief.id,
    name: ({ brief }: ConnectionView) => brief.name,
    type: ({ brief }: ConnectionView) => brief.type,
    hierarchyNode: ({ brief }: ConnectionView) => ({ id: brief.node }),
    reachability: ({ brief }: ConnectionView) => brief.reachability,
    routingManager: ofFull(({ routingManager }) => routingManager),
    username: ofFull(({ username }) => username),
    authenticationMethod: ofFull(({ authenticationMethod }) => authenticationMethod),
    hasPassword: ofFull(({ sealedPassword }) => sealedPassword !== ''),
    tlsVerify: ofFull(({ tlsVerify }) => tlsVerify),
    pinnedCertificate: ofFull(({ pinnedCertificate }) => pinnedCertificate),
    createdAt: ofFull(({ createdAt }) => createdAt),
    updatedAt: ofFull(({ updatedAt }) => updatedAt),
    dataSyncs: ({ full }: ConnectionView, _: unknown, { loaders }: OperationContext) =>
      full && loaders.dataSyncs.loadMany([dataSyncId(full.id, 'SYNC'), dataSyncId(full.id, 'PURGE')]),
    schedule: ({ full }: ConnectionView, _: unknown, { loaders }: OperationContext) =>
      full && loaders.schedules.load(scheduleId(full.id)),
    lastSyncRun: ({ full }: ConnectionView, _: unknown, context: OperationContext) =>
      full?.lastRun === undefined ? null : loadRun(full.lastRun, context),
    registeredUsers: ({ full }: ConnectionView, args: PageArguments, context: OperationContext) =>
      full && usersOf(full.id, args, context),
  },
  DataSync: {
    filter: ({ filter = [] }: DataSync) => filter,
  },
  RegisteredUser: {
    sbc: ({ sbcName }: RegisteredUser) => sbcName,
    lastSeenChange: ({ changedAt }: RegisteredUser) => changedAt,
  },
};

async function usersOf(connection: string, args: PageArguments, { commands }: OperationContext) {
  const { store } = commands;
  const find = { key: 'byConnection', equals: [connection] };
  return {
    ...(await findPage(store, registeredUsers, find, args, (user) => user)),
    async totalCount() {
      const counts = await store.counts(registeredUsers, 'perConnection', connection);
      return counts.reduce((sum, { count }) => sum + count, 0);
    },
  };
}
