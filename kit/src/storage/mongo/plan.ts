/** What a group of commits comes to, worked out in memory: each commit sees what the ones before it left. Pure: what it has to know is given to it. */
import type { Conflict } from '../port.js';
import type { Outcome, PreparedCommit, PreparedExpectation, PreparedSave } from '../prepared.js';
import { judgeUniqueness } from '../uniqueness.js';
import type { Declared } from './declared.js';
import { eventDoc, type EventDoc, requestDoc, requestId, type RequestDoc } from './layout.js';
import { type CollectionWrites, HeldCollection, type PlannedWrite } from './held.js';

/** Where the log stands and what was removed, as the group's transaction reads it. */
export interface PlanFacts {
  readonly head: number;
  readonly removed: Readonly<Record<string, number>>;
}

/** All that a group writes. */
export interface GroupWrites {
  readonly collections: readonly CollectionWrites[];
  readonly events: readonly EventDoc[];
  readonly requests: readonly RequestDoc[];
  /** How far the log's head moves. */
  readonly moved: number;
  /** Of the collections it changed of: the highest version ever removed. */
  readonly removed: Readonly<Record<string, number>>;
}

export class GroupPlan {
  readonly #commits: readonly PreparedCommit[];
  readonly #group: string;
  readonly #facts: PlanFacts;
  readonly #held = new Map<string, HeldCollection>();
  /** Ids of the request records in the way, and since when they are. */
  readonly #requestTimes = new Map<string, string>();
  readonly #requests = new Map<string, RequestDoc>();
  readonly #events: EventDoc[] = [];

  /** @param group its id, stored with its first event */
  constructor(
    declared: ReadonlyMap<string, Declared>,
    group: string,
    commits: readonly PreparedCommit[],
    facts: PlanFacts,
  ) {
    this.#group = group;
    this.#commits = commits;
    this.#facts = facts;
    for (const { expect, save, remove } of commits) {
      for (const one of [...expect, ...save, ...remove]) {
        let held = this.#held.get(one.collection);
        if (!held) {
          const known = declared.get(one.collection);
          if (!known) throw new Error(`collection ${one.collection} is not declared`);
          held = new HeldCollection(known, facts.removed[one.collection] ?? 0);
          this.#held.set(one.collection, held);
        }
        held.touch(one.id);
      }
      for (const one of save) this.#of(one.collection).expectSave(one);
    }
  }

  /** The collections whose documents have to be read before {@link judge}. */
  get collections(): readonly HeldCollection[] {
    return [...this.#held.values()];
  }

  /** Ids of the request records that have to be read. */
  get requestIds(): readonly string[] {
    const requests = this.#commits.flatMap(({ request }) => request ?? []);
    return [...new Set(requests.map(({ caller, mutation, key }) => requestId(caller, mutation, key)))];
  }

  loadRequests(found: readonly Pick<RequestDoc, '_id' | 'time'>[]): void {
    for (const { _id, time } of found) this.#requestTimes.set(_id, time);
  }

  /** The outcome of each commit, in their order, as if all were applied. */
  judge(): Outcome[] {
    return this.#commits.map((commit) => this.#judgeOne(commit));
  }

  /** After {@link judge}. */
  writes(): GroupWrites {
    const held = this.collections;
    return {
      collections: held.map((collection) => collection.writes()).filter(isSomething),
      events: this.#events,
      requests: [...this.#requests.values()],
      moved: this.#events.length,
      removed: Object.fromEntries(
        held.flatMap(({ name, highestRemoved }) =>
          highestRemoved > (this.#facts.removed[name] ?? 0) ? [[name, highestRemoved] as const] : [],
        ),
      ),
    };
  }

  #judgeOne(commit: PreparedCommit): Outcome {
    const conflicts: Conflict[] = [];
    if (this.#isRequestKnown(commit)) conflicts.push({ kind: 'REQUEST' });
    for (const { collection, id, version } of commit.expect) {
      if (this.#of(collection).version(id) !== version) conflicts.push({ kind: 'STALE', collection, id });
    }
    const saves = commit.save.map((save) => this.#plan(save, conflicts));
    const removals = commit.remove.map((removal) => this.#plan(removal, conflicts));
    const writes = [...saves, ...removals].filter((write) => write !== undefined);
    if (conflicts.length === 0) conflicts.push(...judgeUniqueness(writes));
    if (conflicts.length > 0) return { conflicts };
    // All old values go before any new one comes, so that two documents may exchange them.
    for (const write of writes) this.#of(write.collection).giveUp(write);
    for (const write of writes) this.#of(write.collection).apply(write);
    this.#note(commit);
    return { position: this.#position, versions: saves.map((write) => write?.version ?? 0) };
  }

  get #position(): number {
    return this.#facts.head + this.#events.length;
  }

  #isRequestKnown({ request }: PreparedCommit): boolean {
    if (!request) return false;
    const time = this.#requestTimes.get(requestId(request.caller, request.mutation, request.key));
    return time !== undefined && time >= request.validFrom;
  }

  /** Undefined where a version is in the way. */
  #plan(change: PreparedSave | PreparedExpectation, conflicts: Conflict[]): PlannedWrite | undefined {
    const { collection, id, version } = change;
    const held = this.#of(collection);
    if (held.version(id) === version) return held.plan(change);
    conflicts.push({ kind: 'STALE', collection, id });
    return undefined;
  }

  #note({ events, request }: PreparedCommit): void {
    for (const { json, ...event } of events) {
      const mark = this.#events.length === 0 ? this.#group : undefined;
      const whole = { ...event, ...(JSON.parse(json) as object) };
      this.#events.push(eventDoc(this.#position + 1, whole, mark));
    }
    if (!request) return;
    const doc = requestDoc(request, request.json, request.time);
    this.#requestTimes.set(doc._id, doc.time);
    this.#requests.set(doc._id, doc);
  }

  #of(collection: string): HeldCollection {
    const held = this.#held.get(collection);
    if (!held) throw new Error(`collection ${collection} was not read`);
    return held;
  }
}

function isSomething({ deletes, inserts, replaces, counts }: CollectionWrites): boolean {
  return deletes.length + inserts.length + replaces.length + counts.length > 0;
}
