/** What a group comes to, without a database: the conformance suite holds the outcomes of both engines to the port, these tests what is written. */
import { Schema } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { defineCollection } from '../../../src/storage/collection.js';
import { declaredOf } from '../../../src/storage/mongo/declared.js';
import { codecOf } from '../../../src/storage/mongo/documents.js';
import { GroupPlan, type GroupWrites } from '../../../src/storage/mongo/plan.js';
import type { Doc } from '../../../src/storage/port.js';
import type { Outcome, PreparedCommit, PreparedEvent, PreparedRequest } from '../../../src/storage/prepared.js';

interface Thing extends Doc {
  readonly serial?: string;
  readonly nodes?: readonly string[];
}

const things = defineCollection<Thing>({
  name: 'things',
  schema: new Schema({ serial: String, nodes: [String] }),
  keys: { serial: { paths: ['serial'], unique: true } },
  counters: { all: { at: 'nodes', by: [] } },
});
const declared = new Map([[things.name, declaredOf(things)]]);
const codec = codecOf(things);

function commit(parts: {
  save?: Thing[];
  remove?: [id: string, version: number][];
  events?: number;
  request?: PreparedRequest;
}): PreparedCommit {
  const { save = [], remove = [], events = 0, request } = parts;
  return {
    expect: [],
    save: save.map(({ version, ...doc }) => ({ collection: 'things', id: doc.id, version, json: JSON.stringify(doc) })),
    remove: remove.map(([id, version]) => ({ collection: 'things', id, version })),
    events: Array.from({ length: events }, () => EVENT),
    documents: 1,
    size: 1,
    ...(request && { request }),
  };
}

const EVENT: PreparedEvent = {
  type: 't',
  retention: 'history',
  entity: 'e:1',
  time: '2026-01-01T00:00:00.000Z',
  json: '{"path":"p","actor":{"type":"WORKER","id":"w"},"fields":{}}',
};

/** Plan commits over what is stored, as the engine does. */
function planned(
  stored: Thing[],
  commits: PreparedCommit[],
  removed = 0,
): { outcomes: Outcome[]; writes: GroupWrites } {
  const plan = new GroupPlan(declared, 'g1', commits, { head: 10, removed: { things: removed } });
  const all = stored.map(({ version, ...doc }) => codec.encode({ ...doc }, version));
  for (const held of plan.collections) {
    held.load(all.filter(({ _id }) => held.ids.includes(_id)));
    const wanted = held.wanted().flatMap(({ entries }) => entries.map(([serial]) => serial));
    held.loadHolders(all.filter((one) => wanted.includes(one['serial'] as string)));
  }
  return { outcomes: plan.judge(), writes: plan.writes() };
}

const a: Thing = { id: 'a', version: 1, serial: 's1' };
const b: Thing = { id: 'b', version: 1, serial: 's2' };

describe('the plan of a group', () => {
  it('writes the last state of a document that several commits change, once', () => {
    const commits = [
      commit({ save: [{ ...a, serial: 's3' }] }),
      commit({ save: [{ ...a, version: 2, serial: 's4' }] }),
      commit({ save: [{ ...a, version: 2, serial: 's5' }] }),
    ];
    const { outcomes, writes } = planned([a], commits);
    expect(outcomes).toEqual([
      { position: 10, versions: [2] },
      { position: 10, versions: [3] },
      { conflicts: [{ kind: 'STALE', collection: 'things', id: 'a' }] },
    ]);
    expect(writes.collections).toEqual([
      {
        collection: 'things',
        deletes: [],
        inserts: [],
        replaces: [{ _id: 'a', version: 3, serial: 's4' }],
        counts: [],
      },
    ]);
  });

  it('lets a document make room first whose unique value another one takes', () => {
    const { writes } = planned(
      [a, b],
      [
        commit({
          save: [
            { ...a, serial: 's2' },
            { ...b, serial: 's1' },
          ],
        }),
      ],
    );
    expect(writes.collections).toMatchObject([
      {
        deletes: ['a', 'b'],
        inserts: [
          { _id: 'a', version: 2, serial: 's2' },
          { _id: 'b', version: 2, serial: 's1' },
        ],
        replaces: [],
      },
    ]);
  });

  it('lets only those make room that are in the way', () => {
    const { outcomes, writes } = planned(
      [a, b],
      [commit({ save: [{ ...a, serial: 's3' }] }), commit({ save: [{ id: 'c', version: 0, serial: 's1' }, b] })],
    );
    expect(outcomes).toMatchObject([{ versions: [2] }, { versions: [1, 2] }]);
    const [things] = writes.collections;
    expect(things?.deletes).toEqual(['a']);
    expect(things?.inserts.map(({ _id }) => _id)).toEqual(['a', 'c']);
    expect(things?.replaces.map(({ _id }) => _id)).toEqual(['b']);
  });

  it('knows holders of unique values that the group does not touch', () => {
    const { outcomes, writes } = planned([a], [commit({ save: [{ id: 'c', version: 0, serial: 's1' }], events: 1 })]);
    expect(outcomes).toEqual([{ conflicts: [{ kind: 'TAKEN', collection: 'things', id: 'c', key: 'serial' }] }]);
    expect(writes).toMatchObject({ collections: [], events: [], moved: 0 });
  });

  it('gives a value that one commit lets go of to the next, not to the one before', () => {
    const taking = (id: string) => commit({ save: [{ id, version: 0, serial: 's1' }] });
    const { outcomes } = planned([a], [taking('c'), commit({ remove: [['a', 1]] }), taking('d'), taking('e')]);
    expect(outcomes.map((outcome) => 'position' in outcome)).toEqual([false, true, true, false]);
  });

  it('writes nothing of a document that is made and removed again, but remembers its version', () => {
    const { outcomes, writes } = planned(
      [],
      [
        commit({ save: [{ id: 'c', version: 0 }] }),
        commit({ remove: [['c', 6]] }),
        commit({ save: [{ id: 'd', version: 0 }] }),
      ],
      5,
    );
    expect(outcomes).toMatchObject([{ versions: [6] }, { versions: [] }, { versions: [7] }]);
    expect(writes.collections).toMatchObject([{ deletes: [], inserts: [{ _id: 'd', version: 7 }] }]);
    expect(writes.removed).toEqual({ things: 6 });
  });

  it('replaces a document that is removed and made again', () => {
    const { writes } = planned([a], [commit({ remove: [['a', 1]] }), commit({ save: [{ ...a, version: 0 }] })]);
    expect(writes.collections).toMatchObject([{ deletes: [], inserts: [], replaces: [{ _id: 'a', version: 2 }] }]);
  });

  it('sums up what its commits do to a counter, and leaves out what comes to nothing', () => {
    const at = (id: string, version: number, ...nodes: string[]) => ({ id, version, nodes });
    const { writes } = planned(
      [at('a', 1, 'x')],
      [
        commit({ save: [at('b', 0, 'x', 'y'), at('c', 0, 'y', 'y')] }),
        commit({ save: [at('a', 1, 'z')] }),
        commit({ remove: [['c', 1]] }),
      ],
    );
    const counts = writes.collections[0]?.counts.map(({ group, count }) => [group, count]);
    expect(counts).toEqual([
      ['y', 1],
      ['z', 1],
    ]);
  });

  it('numbers the events of its winners from the head on and marks the first with the id of the group', () => {
    const lost = commit({ save: [{ ...a, version: 7 }], events: 2 });
    const { outcomes, writes } = planned([a], [lost, commit({ events: 2 }), commit({}), commit({ events: 1 })]);
    expect(outcomes.map((outcome) => ('position' in outcome ? outcome.position : undefined))).toEqual([
      undefined,
      12,
      12,
      13,
    ]);
    expect(writes.events.map(({ _id, '%group': group }) => [_id, group])).toEqual([
      [11, 'g1'],
      [12, undefined],
      [13, undefined],
    ]);
    expect(writes.moved).toBe(3);
  });

  it('records a request once, unless the record is past its days', () => {
    const request = (validFrom: string): PreparedRequest => ({
      caller: 'c',
      mutation: 'm',
      key: 'k',
      hash: 'h',
      json: '1',
      time: '2026-01-08T00:00:00.000Z',
      validFrom,
    });
    const young = request('2026-01-01T00:00:00.000Z');
    const plan = new GroupPlan(declared, 'g1', [commit({ request: young }), commit({ request: young })], {
      head: 0,
      removed: {},
    });
    plan.loadRequests([{ _id: plan.requestIds[0] ?? '', time: '2025-12-31T23:59:59.999Z' }]);
    expect(plan.requestIds).toHaveLength(1);
    expect(plan.judge()).toEqual([{ position: 0, versions: [] }, { conflicts: [{ kind: 'REQUEST' }] }]);
    expect(plan.writes().requests).toHaveLength(1);
  });
});
