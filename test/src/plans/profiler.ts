/** What the server itself writes down of every operation on a database: how it was planned, and what it cost. */
import { explain, type SentCommand } from '@numberyard/kit/testing/query-plans';
import { mongo } from 'mongoose';

/** An operation as the server's profiler keeps it. */
export interface Profiled {
  readonly op: string;
  /** `<database>.<collection>` */
  readonly ns: string;
  readonly command: SentCommand;
  readonly originatingCommand?: SentCommand;
  readonly planSummary?: string;
  readonly hasSortStage?: boolean;
  readonly keysExamined?: number;
  readonly docsExamined?: number;
  readonly nreturned?: number;
  readonly nMatched?: number;
  readonly ndeleted?: number;
}

/** Large enough for every operation of a test. */
const ROOM = 256 * 1024 * 1024;
const PROFILE = 'system.profile';
/** Documents an operation may read beside those it is for: on few documents the planner is free to prefer any index. */
const IN_VAIN = 20;
/** Positions that one read of the event log may walk. */
const MOST_POSITIONS = 20_000;

export class Profiler {
  readonly client: mongo.MongoClient;
  readonly #names: readonly string[];

  private constructor(client: mongo.MongoClient, names: readonly string[]) {
    this.client = client;
    this.#names = names;
  }

  /** @param names of databases, which are made if they are not there */
  static async start(uri: string, names: readonly string[]): Promise<Profiler> {
    const client = await mongo.MongoClient.connect(uri);
    for (const name of names) {
      await client.db(name).createCollection(PROFILE, { capped: true, size: ROOM });
      await client.db(name).setProfilingLevel('all');
    }
    return new Profiler(client, names);
  }

  /** Everything since the start, but for what the profiler itself asks. */
  async operations(): Promise<Profiled[]> {
    const all = this.#names.map((name) =>
      this.client
        .db(name)
        .collection<Profiled>(PROFILE)
        .find({ ns: { $ne: `${name}.${PROFILE}` } })
        .toArray(),
    );
    return (await Promise.all(all)).flat();
  }

  /** What is wrong with how operations are carried out, a sentence for each of them; the same wrong of the same shape once. */
  async problems(operations: readonly Profiled[]): Promise<string[]> {
    const shapes = new Map<string, Profiled>();
    const problems = new Map<string, string>();
    for (const operation of operations) {
      const shape = shapeOf(operation);
      if (!shapes.has(shape)) shapes.set(shape, operation);
      const problem = problemOf(operation);
      if (problem) problems.set(`${shape} ${problem}`, `${problem}: ${describe(operation)}`);
    }
    for (const [shape, operation] of shapes) {
      const problem = await this.#planProblem(operation);
      // Not twice for the same reason.
      if (problem && !problemOf(operation)) problems.set(shape, `${problem}: ${describe(operation)}`);
    }
    return [...problems.values()];
  }

  /** The same by `explain`, which tells the plan that was not carried out to its end as well. */
  async #planProblem({ ns, command }: Profiled): Promise<string | undefined> {
    const isExplainable = ['find', 'aggregate', 'count', 'distinct'].some((name) => name in command);
    if (!isExplainable || isChangeStream(command) || '$truncated' in command) return undefined;
    const { stages } = await explain(this.client.db(ns.slice(0, ns.indexOf('.'))), command);
    if (stages.includes('COLLSCAN')) return 'scans the collection by its plan';
    return stages.includes('SORT') ? 'sorts by its plan' : undefined;
  }

  async stop(): Promise<void> {
    for (const name of this.#names) await this.client.db(name).dropDatabase();
    await this.client.close();
  }
}

function problemOf(operation: Profiled): string | undefined {
  const { command, originatingCommand, planSummary = '', hasSortStage, docsExamined = 0 } = operation;
  if (isChangeStream(originatingCommand ?? command)) return undefined;
  if (planSummary.includes('COLLSCAN')) return 'scans the collection';
  if (hasSortStage) return 'sorts';
  const used = Math.max(operation.nreturned ?? 0, operation.nMatched ?? 0, operation.ndeleted ?? 0);
  if (docsExamined > used + IN_VAIN && docsExamined > logRangeOf(operation))
    return `reads ${docsExamined} documents for ${used}`;
  return undefined;
}

/** How many positions of the event log are asked for: whoever follows some types of events passes over the others, each once. */
function logRangeOf({ ns, command: { filter } }: Profiled): number {
  const { $gt, $lte } = (filter as { _id?: { $gt?: unknown; $lte?: unknown } } | undefined)?._id ?? {};
  const range = Number($lte) - Number($gt);
  return ns.endsWith('.event_log') && range <= MOST_POSITIONS ? range : 0;
}

/** It reads the log of the whole server by its nature. */
function isChangeStream({ pipeline }: SentCommand): boolean {
  return Array.isArray(pipeline) && pipeline.some((stage: object) => '$changeStream' in stage);
}

/** What differs between two operations of the same kind is left out: the values. */
function shapeOf({ op, ns, command }: Profiled): string {
  const { filter, sort, hint, projection, pipeline, q, query } = command;
  const shape = { op, ns, filter, sort, hint, projection, pipeline, q, query };
  return JSON.stringify(shape, (_, value: unknown) => (typeof value === 'object' ? value : typeof value));
}

function describe({ op, ns, command, planSummary }: Profiled): string {
  const { lsid: _lsid, $clusterTime: _time, $db: _db, ...rest } = command;
  return `${op} on ${ns} by ${planSummary ?? 'no plan'}: ${JSON.stringify(rest).slice(0, 600)}`;
}
