/** A replica set to test on: the one `MONGODB_URI` names, else one of a single member that is started here. */
import { rm } from 'node:fs/promises';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { mongo } from 'mongoose';
import { findMongod } from './binary.js';
import { makeDataFolder, subfolder } from './folder.js';

export interface ReplicaSet {
  /** Connection string without a database. */
  readonly uri: string;
  /** As the server says itself, e.g. `4.4.29`. */
  readonly version: string;
  /** Stop it when it was started here. */
  stop(): Promise<void>;
}

/**
 * How a member is run: WiredTiger, since the default of old versions has no transactions; a small cache, since each would take half the machine; little
 * kept of a log that lives for minutes; no socket file, which a killed member leaves behind.
 */
export const MEMBER = {
  storageEngine: 'wiredTiger',
  args: ['--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '256', '--nounixsocket'],
} as const;

/** Longest a member may take to listen; a machine under load is slow. */
export const LAUNCH_MS = 60_000;

/** @throws Error that says in one sentence what to do when there is none to be had */
export async function openReplicaSet(): Promise<ReplicaSet> {
  const given = process.env['MONGODB_URI'];
  return given ? checkReplicaSet(given) : startReplicaSet();
}

async function startReplicaSet(): Promise<ReplicaSet> {
  const { path, version } = await findMongod();
  const folder = await makeDataFolder();
  const dbPath = await subfolder(folder, 'member');
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: path, version },
    instanceOpts: [{ dbPath, launchTimeout: LAUNCH_MS }],
    replSet: { count: 1, storageEngine: MEMBER.storageEngine, args: [...MEMBER.args] },
  });
  return {
    uri: set.getUri().replace(/\/[^/?]*\?/, '/?'),
    version,
    async stop() {
      await set.stop({ doCleanup: false });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function checkReplicaSet(uri: string): Promise<ReplicaSet> {
  const advice = 'set MONGODB_URI to the address of a MongoDB replica set of 4.4 or newer, or unset it';
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 10_000 });
  try {
    await client.connect();
    const admin = client.db('admin');
    const [hello, { version }] = await Promise.all([admin.command({ isMaster: 1 }), admin.command({ buildInfo: 1 })]);
    if (!hello['setName']) throw new Error('the server there is not a member of a replica set');
    return { uri, version: String(version), stop: () => Promise.resolve() };
  } catch (error) {
    throw new Error(`No tests at MONGODB_URI: ${(error as Error).message.split('\n', 1)[0]}; ${advice}.`, {
      cause: error,
    });
  } finally {
    await client.close();
  }
}
