import { describe, expect, it } from 'vitest';
import { absent, asRead, type Commit, type Store } from '@numberyard/kit/storage/port';
import { anchors, apply, conflictsOf, event, item, items, saving, settled } from './fixtures.js';
import type { Subject } from './storage.js';

export function describeCommits(subject: Subject): void {
  describe('a commit', () => {
    it('saves a new document at version 1 and a changed one at the next', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { note: 'first' })));
      const first = await store.get(items, 'a');
      expect(first).toEqual(item('a', { version: 1, note: 'first' }));
      await apply(store, saving({ ...first!, note: null }));
      expect(await store.get(items, 'a')).toEqual(item('a', { version: 2, note: null }));
    });

    it('stores what the document was when the commit was asked for, whatever happens to the object after', async () => {
      const { store } = subject;
      const doc = { ...item('a'), ancestors: ['root', 'site'] };
      const conflicts = conflictsOf(store, saving(doc));
      doc.ancestors.push('intruder');
      expect(await conflicts).toEqual([]);
      expect((await store.get(items, 'a'))?.ancestors.slice(0, 2)).toEqual(['root', 'site']);
    });

    it('stores any JSON as it is, but half a surrogate pair as the replacement character', async () => {
      const { store } = subject;
      const odd = {
        'a.b': { $set: [1, null, { _id: 2 }] },
        '%24': '\u0000',
        whole: '😀 \\ud83d',
        half: ['x\uD83D', '\\\uDE00'],
        deep: [[[]], {}],
      };
      const values = { ...item('a'), ...odd };
      await apply(store, { ...saving(values), trusted: true, events: [event('a', { fields: odd })] });
      const kept = { ...odd, half: ['x\uFFFD', '\\\uFFFD'] };
      expect(await store.get(items, 'a')).toEqual({ ...values, ...kept, version: 1 });
      expect((await store.log.read({ after: 0, limit: 1 })).events[0]?.fields).toEqual(kept);
    });

    it('removes a document at its version', async () => {
      const { store } = subject;
      await apply(store, saving(item('a')));
      const doc = (await store.get(items, 'a'))!;
      await apply(store, { remove: [asRead(items, doc)] });
      expect(await store.get(items, 'a')).toBeUndefined();
    });

    it('answers the versions its documents were saved at, in their order', async () => {
      const { store } = subject;
      await apply(store, saving(item('a'), item('b')));
      await apply(store, saving(item('a', { version: 1 })));
      expect(await settled(store, saving(item('c'), item('a', { version: 2 }), item('b', { version: 1 })))).toEqual({
        ok: true,
        cursor: expect.any(String) as string,
        versions: [1, 3, 2],
      });
      expect(await settled(store, { events: [event('a')] })).toMatchObject({ versions: [] });
    });

    it('never gives a document that is made again a version it had before it was removed', async () => {
      const { store } = subject;
      await apply(store, saving(item('a'), item('b')));
      await apply(store, saving(item('a', { version: 1, note: 'second' })));
      await apply(store, { remove: [{ collection: 'items', id: 'a', version: 2 }] });
      const made = await settled(store, saving(item('a', { note: 'made again' })));
      const version = (await store.get(items, 'a'))?.version;
      expect(version).toBeGreaterThan(2);
      expect(made).toMatchObject({ versions: [version] });
      for (const old of [1, 2]) {
        const read = { collection: 'items', id: 'a', version: old };
        const stale = [{ kind: 'STALE', collection: 'items', id: 'a' }];
        expect(await conflictsOf(store, saving(item('a', { version: old })))).toEqual(stale);
        expect(await conflictsOf(store, { remove: [read] })).toEqual(stale);
        expect(await conflictsOf(store, { expect: [read] })).toEqual(stale);
      }
      await apply(store, saving(item('a', { version: version!, note: 'and on' }), item('b', { version: 1 })));
      expect(await store.getMany(items, ['a', 'b'])).toMatchObject([{ version: version! + 1 }, { version: 2 }]);
    });

    it('keeps to that within one group, after a commit that was not applied, and over the end of the process', async () => {
      const { store } = subject;
      const versions = new Set<number>();
      const note = async (from: Store) => versions.add((await from.get(items, 'a'))!.version);
      await apply(store, saving(item('a')));
      await note(store);
      const read = (await store.get(items, 'a'))!;
      await Promise.all([
        apply(store, { remove: [asRead(items, read)] }),
        settled(store, { ...saving(item('a')), expect: [{ collection: 'items', id: 'a', version: 9 }] }),
        apply(store, saving(item('made', { serial: 's1' }))),
      ]);
      await apply(store, saving(item('a')));
      await note(store);
      await apply(store, { remove: [asRead(items, (await store.get(items, 'a'))!)] });
      const again = await subject.reopen();
      await apply(again, saving(item('a')));
      await note(again);
      expect(versions.size).toBe(3);
      expect(await again.verify()).toEqual([]);
    });

    it('answers getMany in the order of the ids, with holes', async () => {
      const { store } = subject;
      await apply(store, saving(item('a'), item('b')));
      const found = await store.getMany(items, ['b', 'none', 'a', 'b']);
      expect(found.map((doc) => doc?.id)).toEqual(['b', undefined, 'a', 'b']);
    });

    it('with every part empty is applied and answers the head', async () => {
      const { store } = subject;
      await apply(store, { events: [event('a')] });
      const { epoch } = await store.log.state();
      expect(await apply(store, {})).toBe(`${epoch}.1`);
    });

    it.each([
      ['a new document whose id exists', saving(item('a')), 'a'],
      ['a document saved at an old version', saving(item('a', { version: 1 })), 'a'],
      ['a document saved at a version it never had', saving(item('a', { version: 7 })), 'a'],
      ['a document that does not exist', saving(item('z', { version: 1 })), 'z'],
      ['a removal at an old version', { remove: [{ collection: 'items', id: 'a', version: 1 }] }, 'a'],
      ['a removal of what does not exist', { remove: [{ collection: 'items', id: 'z', version: 1 }] }, 'z'],
      ['an expectation of an old version', { expect: [{ collection: 'items', id: 'a', version: 1 }] }, 'a'],
      ['an expected absence of what exists', { expect: [absent(items, 'a')] }, 'a'],
    ] satisfies [string, Commit, string][])('is answered STALE for %s', async (_, commit, id) => {
      const { store } = subject;
      await apply(store, saving(item('a')));
      await apply(store, saving({ ...item('a'), version: 1, note: 'second' }));
      expect(await conflictsOf(store, commit)).toEqual([{ kind: 'STALE', collection: 'items', id }]);
      expect((await store.get(items, 'a'))?.note).toBe('second');
    });

    it('that loses leaves no trace: no document, no event, no entry, no count, no request', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { serial: 's1' })));
      const conflicts = await conflictsOf(store, {
        ...saving(item('b', { name: 'ghost' }), item('c', { serial: 's1' })),
        events: [event('b'), event('c')],
        request: { caller: 'k', mutation: 'm', key: '1', hash: 'h', result: {} },
      });
      expect(conflicts).toEqual([{ kind: 'TAKEN', collection: 'items', id: 'c', key: 'serial' }]);
      expect(await store.getMany(items, ['b', 'c'])).toEqual([undefined, undefined]);
      expect((await store.find(items, { key: 'name', equals: ['ghost'], limit: 10 })).items).toEqual([]);
      expect(await store.counts(items, 'states', 'root')).toEqual([{ values: ['NEW'], count: 1 }]);
      expect(await store.log.state()).toMatchObject({ head: 0 });
      expect(await store.request('k', 'm', '1')).toBeUndefined();
      expect(await store.verify()).toEqual([]);
    });

    it('holds its expectations of one collection while it writes another', async () => {
      const { store } = subject;
      await apply(store, { save: [{ collection: 'anchors', doc: { id: 'x', version: 0, value: 1 } as never }] });
      const anchor = (await store.get(anchors, 'x'))!;
      await apply(store, { ...saving(item('a')), expect: [asRead(anchors, anchor)] });
      await apply(store, { save: [{ collection: 'anchors', doc: { ...anchor, value: 2 } as never }] });
      const late = { ...saving(item('b')), expect: [asRead(anchors, anchor)] };
      expect(await conflictsOf(store, late)).toEqual([{ kind: 'STALE', collection: 'anchors', id: 'x' }]);
      expect(await store.get(items, 'b')).toBeUndefined();
    });

    it('records a request once; the same one again is answered REQUEST, and the record tells its hash and result', async () => {
      const { store } = subject;
      const request = { caller: 'k', mutation: 'claim', key: '1', hash: 'h1', result: { id: 'a' } };
      await apply(store, { ...saving(item('a')), request });
      expect(await conflictsOf(store, { ...saving(item('b')), request })).toEqual([{ kind: 'REQUEST' }]);
      const other = { ...request, hash: 'h2', result: { id: 'b' } };
      expect(await conflictsOf(store, { ...saving(item('b')), request: other })).toEqual([{ kind: 'REQUEST' }]);
      expect(await store.request('k', 'claim', '1')).toEqual(request);
      expect(await store.get(items, 'b')).toBeUndefined();
      await apply(store, { ...saving(item('b')), request: { ...request, caller: 'another' } });
    });

    it('forgets a request after seven days, not before', async () => {
      const { store, clock } = subject;
      const request = { caller: 'k', mutation: 'claim', key: '1', hash: 'h1', result: null };
      await apply(store, { request });
      clock.time += 7 * 24 * 3_600_000;
      expect(await store.request('k', 'claim', '1')).toEqual(request);
      expect(await conflictsOf(store, { request })).toEqual([{ kind: 'REQUEST' }]);
      clock.time += 1;
      expect(await store.request('k', 'claim', '1')).toBeUndefined();
      expect(await conflictsOf(store, { request: { ...request, hash: 'h2' } })).toEqual([]);
      expect((await store.request('k', 'claim', '1'))?.hash).toBe('h2');
    });

    it.each([
      ['an unknown collection', { save: [{ collection: 'other', doc: item('a') }] }, /other is not one/],
      ['a document without an id', saving(item('')), /id is a well-formed string/],
      ['a version that is no number of saves', saving(item('a', { version: -1 })), /version/],
      ['a document twice', saving(item('a'), item('a')), /more than once/],
      [
        'a document saved and removed',
        { ...saving(item('a', { version: 1 })), remove: [{ collection: 'items', id: 'a', version: 1 }] },
        /more than once/,
      ],
      ['a removal of nothing', { remove: [{ collection: 'items', id: 'a', version: 0 }] }, /nothing to remove/],
      ['a value its schema does not allow', saving(item('a', { state: 'LOST' })), /items: state: .*LOST/],
      [
        'a missing required path',
        saving({ id: 'a', version: 0, state: 'NEW', ancestors: [] } as never),
        /items: name: /,
      ],
      ['a path its schema does not know', saving({ ...item('a'), colour: 'red' } as never), /items: colour: /],
      ['a number where a string belongs', saving({ ...item('a'), name: 5 } as never), /items: name: /],
      ['a broken number under a key', { ...saving(item('a', { rank: 1.5 })), trusted: true }, /items: rank: /],
      ['an object under a key', { ...saving({ ...item('a'), name: {} } as never), trusted: true }, /items: name: /],
      ['half a surrogate pair under a key', saving(item('a', { name: 'x\uD83D' })), /items: name: .*well-formed/],
      ['a NUL in an id', saving(item('a\u0000b')), /well-formed/],
      ['an event without type', { events: [event('a', { type: '' })] }, /type is empty/],
      ['an event of an entity without kind', { events: [{ ...event('a'), entity: 'a' }] }, /kind:id/],
      ['an event at no instant', { events: [event('a', { time: '2026-03-01' })] }, /instant/],
      [
        'an event larger than an event may be',
        { events: [event('a', { fields: { text: 'x'.repeat(70_000) } })] },
        /larger/,
      ],
      ['a document larger than a document may be', saving(item('a', { note: 'x'.repeat(1_100_000) })), /larger/],
      [
        'more documents than a commit holds',
        { expect: Array.from({ length: 2_001 }, (_, index) => absent(items, `${index}`)) },
        /at most 2000/,
      ],
    ] satisfies [string, Commit, RegExp][])(
      'is thrown back INVALID for %s, and nothing is written',
      async (_, commit, message) => {
        const { store } = subject;
        const thrown = store.commit({ ...commit, events: [...(commit.events ?? []), event('x')] });
        await expect(thrown).rejects.toMatchObject({
          name: 'StoreError',
          code: 'INVALID',
          message: expect.stringMatching(message),
        });
        expect((await store.log.state()).head).toBe(0);
      },
    );
  });
}
