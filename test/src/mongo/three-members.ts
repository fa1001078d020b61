/** A replica set of three members on this machine, whose primary can be killed and brought back. */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { MongoMemoryReplSet, type MongoMemoryServer } from 'mongodb-memory-server-core';
import { mongo } from 'mongoose';
import { findMongod } from './binary.js';
import { makeDataFolder, subfolder } from './folder.js';
import { LAUNCH_MS, MEMBER, type ReplicaSet } from './replica-set.js';

export interface Member {
  readonly host: string;
  /** SIGKILL, as a power cut would. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Start it again on the same data and port. Resolves when it has caught up with the others. */
  bringBack(): Promise<void>;
}

export interface ThreeMembers extends ReplicaSet {
  readonly members: readonly Member[];
  /** The member that is primary now; waits for one to be elected. */
  primary(): Promise<Member>;
}

/** As the compose file says: a primary that is gone is replaced in about two seconds instead of ten. */
const ELECTION_TIMEOUT_MS = 2_000;

/** @throws Error that says in one sentence what to do when there is no `mongod` to run */
export async function startThreeMembers(): Promise<ThreeMembers> {
  const { path, version } = await findMongod();
  const folder = await makeDataFolder();
  const instances = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => ({ dbPath: await subfolder(folder, name), launchTimeout: LAUNCH_MS })),
  );
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: path, version },
    instanceOpts: instances,
    replSet: {
      count: instances.length,
      storageEngine: MEMBER.storageEngine,
      args: [...MEMBER.args],
      configSettings: { electionTimeoutMillis: ELECTION_TIMEOUT_MS },
    },
  });
  const uri = set.getUri().replace(/\/[^/?]*\?/, '/?');
  const client = new mongo.MongoClient(uri);
  const members = set.servers.map((server) => memberOf(server, client));
  const stop = async () => {
    await client.close();
    await set.stop({ doCleanup: false });
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(members.map(({ host }) => caughtUp(client, host)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    uri,
    version,
    members,
    primary: () =>
      waitUntil(
        'a primary',
        async () => {
          const host = (await statusOf(client)).find(({ stateStr }) => stateStr === 'PRIMARY')?.name;
          return members.find((member) => member.host === host);
        },
        LAUNCH_MS,
      ),
    stop,
  };
}

function memberOf(server: MongoMemoryServer, client: mongo.MongoClient): Member {
  const { ip, port, instance } = server.instanceInfo ?? fail('a member has not started');
  const host = `${ip}:${port}`;
  return {
    host,
    async kill() {
      const { mongodProcess } = instance;
      if (!mongodProcess) throw new Error(`${host} is not running`);
      const closed = once(instance, 'instanceClosed');
      mongodProcess.kill('SIGKILL');
      await closed;
      // Takes note of the end, so that it may be started again.
      await server.stop({ doCleanup: false });
    },
    async bringBack() {
      await server.start(true);
      await caughtUp(client, host);
    },
  };
}

interface MemberStatus {
  readonly name: string;
  readonly stateStr: string;
}

/** What the set says of its members; nothing while nobody answers for it. */
async function statusOf(client: mongo.MongoClient): Promise<readonly MemberStatus[]> {
  try {
    const status = await client.db('admin').command({ replSetGetStatus: 1 }, { readPreference: 'primaryPreferred' });
    return status['members'] as MemberStatus[];
  } catch (error) {
    if (error instanceof mongo.MongoError) return [];
    throw error;
  }
}

async function caughtUp(client: mongo.MongoClient, host: string): Promise<void> {
  await waitUntil(
    `${host} to catch up`,
    async () => {
      const members = await statusOf(client);
      return members.some(({ name, stateStr }) => name === host && ['PRIMARY', 'SECONDARY'].includes(stateStr));
    },
    LAUNCH_MS,
  );
}

function fail(message: string): never {
  throw new Error(message);
}
