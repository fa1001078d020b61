/** Where the bench's customer is stored: in a folder of its own, or on MongoDB in databases of its own. */
import { randomBytes } from 'node:crypto';
import { withDatabase } from '@numberyard/kit/testing/mongo';
import { openReplicaSet } from '../../mongo/replica-set.js';
import { openSingleProcess, type SingleProcess } from '../../world/single-process.js';
import { dropDatabases } from '../drop-databases.js';

export interface BenchPlace {
  readonly engine: string;
  readonly world: SingleProcess;
  close(): Promise<void>;
}

export async function openBenchPlace(engine: string): Promise<BenchPlace> {
  const settings = { LOG_LEVEL: 'warn' };
  if (engine === 'embedded') {
    const world = await openSingleProcess(settings);
    return { engine: 'the embedded engine', world, close: () => world.close() };
  }
  if (engine !== 'mongodb') throw new Error(`AUDIT_ENGINE is embedded or mongodb, not ${engine}`);
  const set = await openReplicaSet();
  const prefix = `nybench${randomBytes(4).toString('hex')}`;
  const clean = async () => {
    try {
      await dropDatabases(set.uri, prefix);
    } finally {
      await set.stop();
    }
  };
  try {
    const world = await openSingleProcess({
      ...settings,
      MONGODB_URI: withDatabase(set.uri, prefix),
      NUMBERYARD_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    });
    const close = async () => {
      try {
        await world.close();
      } finally {
        await clean();
      }
    };
    return { engine: `MongoDB ${set.version}`, world, close };
  } catch (error) {
    await clean();
    throw error;
  }
}
