/** What a server of MongoDB says it does for a query. */
import type { mongo } from 'mongoose';

/** A command as it was sent, without what the driver adds to each. */
export type SentCommand = Readonly<Record<string, unknown>>;

/** What the driver adds, which `explain` does not take or which has nothing to do with the plan. */
const ADDED = [
  'lsid',
  '$db',
  '$clusterTime',
  'txnNumber',
  'startTransaction',
  'autocommit',
  'readConcern',
  'writeConcern',
];

/** How a server carries out a command. */
export interface QueryPlan {
  /** Stages of the plan, e.g. `['LIMIT', 'FETCH', 'IXSCAN']`. */
  readonly stages: readonly string[];
  /** Names of the indexes it reads. */
  readonly indexes: readonly string[];
  readonly keysExamined: number;
  readonly docsExamined: number;
  readonly returned: number;
}

/** Let the server carry out a reading command (`find`, `aggregate`, `count`, ...) and tell how it did. */
export async function explain(db: mongo.Db, command: SentCommand): Promise<QueryPlan> {
  const own = Object.fromEntries(Object.entries(command).filter(([name]) => !ADDED.includes(name)));
  const answer: unknown = await db.command({ explain: own, verbosity: 'executionStats' });
  const stages: string[] = [];
  const indexes: string[] = [];
  let stats: Readonly<Record<string, unknown>> = {};
  const walk = (value: unknown, name?: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const record = value as Readonly<Record<string, unknown>>;
    if (name === 'rejectedPlans') return;
    if (name === 'executionStats') stats = record;
    else if (typeof record['stage'] === 'string') stages.push(record['stage']);
    if (typeof record['indexName'] === 'string' && name !== 'executionStats') indexes.push(record['indexName']);
    for (const [below, each] of Object.entries(record))
      if (name !== 'executionStats') walk(each, Array.isArray(value) ? name : below);
  };
  walk(answer);
  const count = (name: string) => Number(stats[name] ?? 0);
  return {
    stages,
    indexes: [...new Set(indexes)],
    keysExamined: count('totalKeysExamined'),
    docsExamined: count('totalDocsExamined'),
    returned: count('nReturned'),
  };
}
