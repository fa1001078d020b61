/** One Mongoose connection per store. */
import mongoose, { type Connection, type ConnectOptions, type mongo } from 'mongoose';
import { StoreError } from '../port.js';
import { asStoreError, hasCode } from './errors.js';
import { databaseName, parseMongoUri } from './uri.js';

export interface Connected {
  readonly connection: Connection;
  readonly client: mongo.MongoClient;
  readonly db: mongo.Db;
  readonly database: string;
  /** For messages. */
  readonly hosts: string;
}

const COMMAND_NOT_FOUND = 59;

/** A primary that is gone is noticed within about three seconds, also when its machine is gone with it, and the rest is left to the store's own patience. */
const TIMES = { heartbeatFrequencyMS: 1_000, connectTimeoutMS: 2_000, serverSelectionTimeoutMS: 3_000 };

/**
 * Connect to a subgraph's database.
 * @param app what the connection is named by: another name keeps its transactions from being taken for abandoned ones of the services
 * @throws StoreError INVALID when waiting mends nothing (a wrong URI, a refused user, a server that is no replica set), UNAVAILABLE when it may
 */
export async function connectMongo(uri: string, store: string, app = 'numberyard'): Promise<Connected> {
  const address = parseMongoUri(uri);
  const database = databaseName(address, store);
  const { hosts } = address;
  const options: ConnectOptions = {
    ...TIMES,
    // All services that write this database bear it, and nobody else.
    appName: `${app} ${database}`,
    dbName: database,
    // The path of the URI is no database, so the user cannot be kept there.
    ...(address.hasUser && !address.hasAuthSource && { authSource: 'admin' }),
    autoCreate: false,
    autoIndex: false,
    bufferCommands: false,
    maxPoolSize: 30,
    waitQueueTimeoutMS: 10_000,
    retryReads: true,
    retryWrites: true,
    readPreference: 'primary',
    readConcernLevel: 'majority',
    writeConcern: { w: 'majority', journal: true },
  };
  const connection = mongoose.createConnection();
  try {
    await connection.openUri(uri.trim(), options);
    const { db } = connection;
    if (!db) throw new StoreError('UNAVAILABLE', 'The connection has no database.');
    await checkServer(db, hosts);
    return { connection, client: connection.getClient(), db, database, hosts };
  } catch (error) {
    await connection.close(true).catch(() => undefined);
    throw asStoreError(error, hosts, database);
  }
}

async function checkServer(db: mongo.Db, hosts: string): Promise<void> {
  const hello = await db.command({ hello: 1 }).catch((error: unknown) => {
    // Servers before 4.4.2 know it by its old name only.
    if (!hasCode(error, COMMAND_NOT_FOUND)) throw error;
    return db.command({ isMaster: 1 });
  });
  if (typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid') return;
  throw new StoreError(
    'INVALID',
    `MongoDB at ${hosts} is a standalone server, which has no transactions: start it with --replSet NAME and run rs.initiate() once; one member is enough.`,
  );
}
