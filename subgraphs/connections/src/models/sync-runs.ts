import { Schema } from 'mongoose';
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { ActiveRun, SyncEffect, SyncRun } from '../domain/run.js';
import type { SyncIssue } from '../domain/issue.js';
import { absentable, count, flag, instant, text } from './fields.js';

export const syncRuns = defineCollection<SyncRun>({
  name: 'syncRuns',
  schema: new Schema({
    connection: text,
    path: text,
    ancestors: { type: [String], required: true },
    kind: text,
    trigger: text,
    state: text,
    progress: new Schema(
      { fetched: count, total: Number, added: count, updated: count, removed: count, unchanged: count },
      { _id: false },
    ),
    attempts: { type: Number, required: true },
    told: flag,
    issueCount: count,
    queuedAt: instant,
    requestId: absentable,
    startedAt: absentable,
    finishedAt: absentable,
    error: new Schema({ code: text, message: text }, { _id: false }),
  }),
  keys: {
    byNode: { paths: ['ancestors', 'queuedAt'] },
    byNodeState: { paths: ['ancestors', 'state', 'queuedAt'] },
    byConnection: { paths: ['connection', 'queuedAt'] },
    byConnectionState: { paths: ['connection', 'state', 'queuedAt'] },
  },
});

/** Ids are those of the connections. */
export const activeRuns = defineCollection<ActiveRun>({
  name: 'activeRuns',
  schema: new Schema({ run: text, queuedAt: instant, lane: { type: Number, required: true }, cancel: flag }),
  keys: { byLane: { paths: ['lane', 'queuedAt'] } },
});

/** Ids are those of the runs. */
export const syncEffects = defineCollection<SyncEffect>({
  name: 'syncEffects',
  schema: new Schema({
    numbersCreated: count,
    numbersUsed: count,
    numbersCooling: count,
    numbersReturned: count,
    issueCount: count,
  }),
});

/** Ids are made of run, kind and subject, so that an issue is kept once per run. */
export const syncIssues = defineCollection<SyncIssue>({
  name: 'syncIssues',
  schema: new Schema({ run: text, kind: text, subject: absentable, message: text, time: instant }),
  keys: { byRun: { paths: ['run', 'time'] } },
});
