import { defineCollection } from '@numberyard/kit/storage/collection';
import { Schema } from 'mongoose';
import { FINDING_KINDS, FINDING_OUTCOMES, type Finding, type LastFinding } from '../domain/finding.js';
import { absentable, count, instant, text } from './fields.js';

const shown = new Schema(
  { status: text, usage: [String], vendor: absentable, releaseDate: absentable, node: text },
  { _id: false },
);

/** Ids are made of the run and the sequence number, so that a finding is kept once. */
export const findings = defineCollection<Finding>({
  name: 'findings',
  schema: new Schema({
    run: text,
    seq: count,
    customer: text,
    path: text,
    kind: { ...text, enum: FINDING_KINDS },
    outcome: { ...text, enum: FINDING_OUTCOMES },
    number: absentable,
    numberId: absentable,
    before: shown,
    after: shown,
    cause: text,
    mark: absentable,
    time: instant,
  }),
  keys: {
    byRun: { paths: ['run', 'seq'] },
    byRunKind: { paths: ['run', 'kind', 'seq'] },
    byRunNumber: { paths: ['run', 'number', 'seq'] },
    byRunKindNumber: { paths: ['run', 'kind', 'number', 'seq'] },
  },
});

/** Ids are those of the numbers. */
export const lastFindings = defineCollection<LastFinding>({
  name: 'lastFindings',
  schema: new Schema({ finding: text }),
});
