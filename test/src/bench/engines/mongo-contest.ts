/** The contest on MongoDB. */
import { randomBytes } from 'node:crypto';
import { openMongoStore } from '@numberyard/kit/storage/mongo/open';
import { withDatabase } from '@numberyard/kit/testing/mongo';
import { mongo } from 'mongoose';
import { openReplicaSet } from '../../mongo/replica-set.js';
import { dropDatabases } from '../drop-databases.js';
import { type Contest, NAME } from './contest.js';
import { engineSubject } from './engine-subject.js';
import { Contender } from './measures.js';
import { openRawMongo } from './raw-mongo.js';
import { items, type Subject } from './subject.js';

/** On the replica set at `MONGODB_URI`, else on one that is started for it. @throws Error that says why there is none */
export async function mongoContest(): Promise<Contest> {
  const set = await openReplicaSet();
  const prefix = `nybench${randomBytes(4).toString('hex')}`;
  const uri = withDatabase(set.uri, prefix);
  const open = () => openMongoStore({ uri, name: NAME, collections: [items] });
  const subjects: Subject[] = [];
  const end = async () => {
    await Promise.allSettled(subjects.map((subject) => subject.close()));
    try {
      await dropDatabases(set.uri, prefix);
    } finally {
      await set.stop();
    }
  };
  try {
    const engine = engineSubject({ name: 'MongoDB engine', store: await open(), openFollower: open });
    subjects.push(engine);
    const raw = await openRawMongo(withDatabase(set.uri, `${prefix}_raw`));
    subjects.push(raw);
    const facts = await describe(set.uri);
    return {
      title: 'MongoDB',
      facts,
      engine: new Contender(engine, 'by itself'),
      raw: new Contender(raw, 'by hand'),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A server that was built without optimisation (-O0), or whose members are far apart, is several times slower than another. */
async function describe(uri: string): Promise<string> {
  const client = await mongo.MongoClient.connect(uri);
  try {
    const admin = client.db('admin');
    const [info, hello] = await Promise.all([admin.command({ buildInfo: 1 }), admin.command({ isMaster: 1 })]);
    const optimisation = /-O\w*/.exec(JSON.stringify(info['buildEnvironment']))?.[0];
    const members = (hello['hosts'] as unknown[] | undefined)?.length ?? 0;
    const facts = [`server ${String(info['version'])}`, `built with ${optimisation ?? 'unknown optimisation'}`];
    return [...facts, `${members} member${members === 1 ? '' : 's'}`].join(', ');
  } finally {
    await client.close();
  }
}
