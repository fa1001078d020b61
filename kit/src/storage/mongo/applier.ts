/** Applying one group of commits in one transaction, however often that takes. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { mongo } from 'mongoose';
import { StoreError } from '../port.js';
import type { Group, GroupEngine, Outcome } from '../prepared.js';
import { AbandonedTransactions } from './abandoned.js';
import type { Declared } from './declared.js';
import { isOutcomeUnknown, troubleOf } from './errors.js';
import { type Collections, HEAD_ID } from './layout.js';
import { COMMIT_TERM, judgeOfTransactions, type Patience } from './patience.js';
import { GroupPlan } from './plan.js';
import { loadHead, loadPlan, writeGroup } from './plan-io.js';

/** Majority on both sides: nothing that is answered can be lost by a failover, nothing judged by what was lost. */
const TRANSACTION: mongo.TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
  readPreference: 'primary',
  maxCommitTimeMS: 10_000,
};

/** A living rival is done long before; one that still stands in the way after so many milliseconds may be dead. */
const RIVAL_TERM = 500;

/** After as many tries on its session a commit whose outcome is unknown is looked for by another transaction. */
const COMMIT_TRIES = 5;

export interface ApplierParts {
  readonly client: mongo.MongoClient;
  readonly collections: Collections;
  readonly declared: ReadonlyMap<string, Declared>;
  readonly patience: Patience;
  /** Told the time of each commit, so that reads after it see it whoever is primary then. */
  readonly applied: (head: { epoch: string }, time: mongo.Timestamp | undefined) => void;
}

/** Outcomes of the attempts at one group whose commit was sent, by the id of the attempt. */
type Sent = Map<string, readonly Outcome[]>;

export class MongoApplier implements GroupEngine {
  readonly #parts: ApplierParts;
  readonly #id = randomUUID();
  readonly #abandoned: AbandonedTransactions;

  constructor(parts: ApplierParts) {
    this.#parts = parts;
    this.#abandoned = new AbandonedTransactions(parts.client);
  }

  /**
   * When something breaks that trying again does not mend nothing of the group is kept and its commits are tried one by one, so that one the server
   * cannot digest takes no other down with it.
   */
  async applyGroup(group: Group): Promise<readonly Outcome[]> {
    const sent: Sent = new Map();
    try {
      return await this.#parts.patience.persist(
        COMMIT_TERM,
        (until) =>
          this.#attempt(group, sent, until).catch(async (error: unknown) => {
            const rivalled = troubleOf(error) === 'RIVAL' && performance.now() > until - COMMIT_TERM + RIVAL_TERM;
            // What comes of it shows in the next attempt.
            if (rivalled) await this.#abandoned.end().catch(() => undefined);
            throw error;
          }),
        judgeOfTransactions(() => sent.size > 0),
      );
    } catch (error) {
      if (error instanceof StoreError) throw error;
      // One of the attempts may still turn out to have been applied, so the commits must not be tried under other ids.
      if (sent.size > 0)
        throw new StoreError('UNAVAILABLE', 'Nobody can tell what became of the commit.', { cause: error });
      if (group.commits.length === 1) return [{ fault: error instanceof Error ? error.message : String(error) }];
    }
    return this.#applyOneByOne(group);
  }

  /** Some may be applied by the time the database goes away: then those are answered so, and only the rest is at fault. */
  async #applyOneByOne({ id, commits }: Group): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    let fault: string | undefined;
    for (const commit of commits) {
      if (fault !== undefined) {
        outcomes.push({ fault });
        continue;
      }
      try {
        outcomes.push(...(await this.applyGroup({ id, commits: [commit] })));
      } catch (error) {
        fault = error instanceof Error ? error.message : String(error);
        outcomes.push({ fault });
      }
    }
    return outcomes;
  }

  async #attempt(group: Group, sent: Sent, until: number): Promise<readonly Outcome[]> {
    const { client, collections, declared } = this.#parts;
    const session = client.startSession({ causalConsistency: true });
    try {
      session.startTransaction(TRANSACTION);
      const head = await loadHead(collections, group, declared, session);
      // An earlier attempt whose outcome nobody knew: if it was applied it stands here, and if it still can be, the change of the head below fails.
      const known = sent.get(head.committers[this.#id]?.attempt ?? '');
      const attempt = randomUUID();
      if (known) {
        await collections.meta.updateOne({ _id: HEAD_ID }, { $inc: { turn: 1 } }, { session });
        await this.#commit(session, until);
        this.#parts.applied(head, session.operationTime);
        return known;
      }
      const plan = new GroupPlan(declared, group.id, group.commits, head);
      await loadPlan(collections, plan, session);
      const outcomes = plan.judge();
      if (outcomes.some((outcome) => 'position' in outcome)) {
        await writeGroup(collections, plan.writes(), session, { committer: this.#id, attempt });
      }
      sent.set(attempt, outcomes);
      try {
        await this.#commit(session, until);
      } catch (error) {
        if (!isOutcomeUnknown(error)) sent.delete(attempt);
        throw error;
      }
      this.#parts.applied(head, session.operationTime);
      return outcomes;
    } catch (error) {
      // Else the server keeps it open for a minute, and everybody else out of what it has written.
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
      throw error;
    } finally {
      await session.endSession();
    }
  }

  /** A commit whose outcome is unknown is asked for again on the same session, which a server that answers does by what became of it. */
  async #commit(session: mongo.ClientSession, until: number): Promise<void> {
    const { patience } = this.#parts;
    for (let tried = 1; ; tried += 1) {
      try {
        await session.commitTransaction();
        return;
      } catch (error) {
        if (!isOutcomeUnknown(error) || tried === COMMIT_TRIES || performance.now() > until) throw error;
        await patience.pause(troubleOf(error) ?? 'AWAY', tried);
      }
    }
  }
}
