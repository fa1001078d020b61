/** The hostile wrapper itself: as unpleasant as it says, never untrue to what is stored. Around one engine, whose bell rings once per commit. */
import { hostile, type Hostility } from '@numberyard/kit/storage/hostile';
import type { Store } from '@numberyard/kit/storage/port';
import { openTestStore, type TestStore } from '@numberyard/kit/testing/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply, collections, event, item, items, saving } from './fixtures.js';

describe('a hostile store', () => {
  let own: TestStore;
  beforeEach(async () => {
    own = await openTestStore({ collections });
  });
  afterEach(() => own.close());

  const wrap = (hostility: Partial<Hostility>): Store =>
    hostile(own.store, { seed: 7, conflictRate: 0, doorbell: 'normal', ...hostility });

  /** Which of so many commits of one document each are answered with a conflict. */
  const conflictsAt = async (store: Store, name: string) => {
    const refused: number[] = [];
    for (let index = 0; index < 60; index += 1) {
      const id = `${name}${index}`;
      const answer = await store.commit(saving(item(id)));
      if (!answer.ok) {
        expect(answer.conflicts).toEqual([{ kind: 'STALE', collection: 'items', id }]);
        expect(await own.store.get(items, id)).toBeUndefined();
        refused.push(index);
      }
    }
    return refused;
  };

  it('invents conflicts at its rate, the same ones for the same seed', async () => {
    const first = await conflictsAt(wrap({ conflictRate: 0.3 }), 'a');
    expect(first.length).toBeGreaterThan(5);
    expect(first.length).toBeLessThan(40);
    expect(await conflictsAt(wrap({ conflictRate: 0.3 }), 'b')).toEqual(first);
    expect(await conflictsAt(wrap({ conflictRate: 0.3, seed: 8 }), 'c')).not.toEqual(first);
  });

  it('cannot call stale what has no document', async () => {
    const store = wrap({ conflictRate: 1 });
    expect(await store.commit({ events: [event('a')] })).toMatchObject({ ok: true });
  });

  it('dies between commit and answer: what was asked is there, and nothing is answered any more', async () => {
    const store = wrap({ dieAt: 2 });
    await apply(store, saving(item('a')));
    await expect(store.commit(saving(item('b')))).rejects.toMatchObject({ name: 'StoreError', code: 'CLOSED' });
    await expect(store.get(items, 'a')).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(store.commit({})).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(store.log.state()).rejects.toMatchObject({ code: 'CLOSED' });
    expect((await own.store.get(items, 'b'))?.version).toBe(1);
  });

  it('rings late, after the commit was answered, and not at all once the listener is off', async () => {
    const store = wrap({ doorbell: 'late' });
    let rings = 0;
    const off = store.log.onAppend(() => (rings += 1));
    await apply(store, { events: [event('a')] });
    expect(rings).toBe(0);
    await expect.poll(() => rings).toBeGreaterThan(0);
    await apply(store, { events: [event('b')] });
    const rung = rings;
    off();
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(rings).toBe(rung);
  });

  it('never rings when it is told so, while the store below does', async () => {
    let [above, below] = [0, 0];
    wrap({ doorbell: 'never' }).log.onAppend(() => (above += 1));
    own.store.log.onAppend(() => (below += 1));
    await apply(own.store, { events: [event('a')] });
    await expect.poll(() => below).toBe(1);
    expect(above).toBe(0);
  });
});
