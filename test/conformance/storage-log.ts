import { describe, expect, it } from 'vitest';
import { checkCursor } from '@numberyard/kit/log/cursor';
import type { LoggedEvent } from '@numberyard/kit/log/event';
import { apply, event, item, saving, TIME } from './fixtures.js';
import type { Subject } from './storage.js';

const LATER = '2026-04-01T10:00:00.000Z';

export function describeLog(subject: Subject): void {
  /** Read on to the head as a follower does. */
  const readAll = async (after = 0, limit = 1_000, types?: readonly string[]) => {
    const events: LoggedEvent[] = [];
    const { head } = await subject.store.log.state();
    for (let position = after; position < head;) {
      const batch = await subject.store.log.read({ after: position, limit, ...(types && { types }) });
      events.push(...batch.events);
      expect(batch.upTo).toBeGreaterThan(position);
      position = batch.upTo;
    }
    return events;
  };

  describe('the log', () => {
    it('gives back an event as it was told, with its position', async () => {
      const told = event('a', { cause: 'sync:1', pathBefore: 'old', fields: { n: 1, list: ['x'], none: null } });
      const cursor = await apply(subject.store, { ...saving(item('a')), events: [told, event('b')] });
      const { epoch, head, floors } = await subject.store.log.state();
      expect(cursor).toBe(`${epoch}.2`);
      expect({ head, floors }).toEqual({ head: 2, floors: { history: 0, passing: 0 } });
      expect(await readAll()).toEqual([
        { ...told, position: 1 },
        { ...event('b'), position: 2 },
      ]);
    });

    it('reads from a position on, so many at a time, and says how far it came', async () => {
      await apply(subject.store, { events: Array.from({ length: 10 }, (_, index) => event(`e${index}`)) });
      const { log } = subject.store;
      const batch = await log.read({ after: 3, limit: 4 });
      expect(batch.events.map(({ position }) => position)).toEqual([4, 5, 6, 7]);
      expect(batch.upTo).toBe(7);
      expect(await log.read({ after: 10, limit: 4 })).toEqual({ events: [], upTo: 10 });
      await expect(log.read({ after: 0, limit: 1_001 })).rejects.toMatchObject({ code: 'INVALID' });
    });

    it('passes over other types and counts them as read, however many there are', async () => {
      const { store } = subject;
      const rare = event('rare', { type: 'rare' });
      await apply(store, { events: [rare, ...Array.from({ length: 50 }, (_, index) => event(`e${index}`))] });
      expect(await store.log.read({ after: 1, limit: 10, types: ['rare'] })).toEqual({ events: [], upTo: 51 });
      for (let round = 0; round < 3; round += 1) {
        await apply(store, { events: Array.from({ length: 8_000 }, (_, index) => event(`e${index}`)) });
      }
      await apply(store, { events: [rare] });
      expect((await readAll(0, 1_000, ['rare'])).map(({ position }) => position)).toEqual([1, 24_052]);
    });

    it('tells the history of one entity, newest first, in pages and by type', async () => {
      const { store } = subject;
      for (let round = 1; round <= 5; round += 1) {
        await apply(store, { events: [event('a', { type: round % 2 ? 'odd' : 'even' }), event('b')] });
      }
      const positions = async (options: Parameters<typeof store.log.ofEntity>[1]) =>
        (await store.log.ofEntity('item:a', options)).map(({ position }) => position);
      expect(await positions({ limit: 3 })).toEqual([9, 7, 5]);
      expect(await positions({ limit: 3, before: 5 })).toEqual([3, 1]);
      expect(await positions({ limit: 9, types: ['even'] })).toEqual([7, 3]);
      expect(await store.log.ofEntity('item:none', { limit: 3 })).toEqual([]);
    });

    it('tells the last of one entity by a time, in the order of positions whatever the clocks were', async () => {
      const { store } = subject;
      const at = (second: number) => `2026-03-01T10:00:0${second}.000Z`;
      for (const second of [1, 3, 2, 5]) {
        await apply(store, { events: [event('a', { time: at(second) }), event('b', { time: at(0) })] });
      }
      const positions = async (options: Parameters<typeof store.log.ofEntity>[1]) =>
        (await store.log.ofEntity('item:a', options)).map(({ position }) => position);
      expect(await positions({ limit: 1, until: at(0) })).toEqual([]);
      expect(await positions({ limit: 1, until: at(1) })).toEqual([1]);
      expect(await positions({ limit: 1, until: at(2) })).toEqual([5]);
      expect(await positions({ limit: 1, until: at(4) })).toEqual([5]);
      expect(await positions({ limit: 9, until: at(9) })).toEqual([7, 5, 3, 1]);
      expect(await positions({ limit: 9, until: at(4), before: 5 })).toEqual([3, 1]);
    });

    it('is dense and in commit order for a follower that reads while many write', async () => {
      const { store } = subject;
      const seen: number[] = [];
      let writing = true;
      const follow = async () => {
        let position = 0;
        while (writing || position < (await store.log.state()).head) {
          const batch = await store.log.read({ after: position, limit: 37 });
          seen.push(...batch.events.map((one) => one.position));
          position = batch.upTo;
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      const following = follow();
      await Promise.all(
        Array.from({ length: 40 }, async (_, writer) => {
          let before = 0;
          for (let round = 0; round < 10; round += 1) {
            const id = `w${writer}-${round}`;
            const cursor = await apply(store, {
              ...saving(item(id)),
              events: [event(id), event(id, { type: 'second' })],
            });
            const position = Number(cursor.split('.')[1]);
            expect(position).toBeGreaterThan(before);
            before = position;
            const [second, first] = await store.log.ofEntity(`item:${id}`, { limit: 5 });
            expect([first?.position, second?.position]).toEqual([position - 1, position]);
          }
        }),
      );
      writing = false;
      await following;
      expect(seen).toEqual(Array.from({ length: 800 }, (_, index) => index + 1));
    });

    it('lets go of passing events that are old, not of young ones, history or what a follower still needs', async () => {
      const { store } = subject;
      const passing = (name: string, time = TIME) => event(name, { retention: 'passing', time });
      await apply(store, {
        events: [passing('1'), event('2'), passing('3'), passing('4'), passing('5', LATER), passing('6')],
      });
      const left = async () => (await readAll()).map(({ position }) => position);
      expect(await store.prune({ before: TIME, upTo: 6, limit: 100 })).toBe(0);
      expect(await store.prune({ before: LATER, upTo: 3, limit: 1 })).toBe(1);
      expect(await left()).toEqual([2, 3, 4, 5, 6]);
      expect(await store.prune({ before: LATER, upTo: 3, limit: 100 })).toBe(1);
      expect(await left()).toEqual([2, 4, 5, 6]);
      expect(await store.prune({ before: LATER, upTo: 6, limit: 100 })).toBe(1);
      // The sixth is old too, but stands behind one that is young: floors tell one position below which all passing events are gone.
      expect(await left()).toEqual([2, 5, 6]);
      const state = await store.log.state();
      expect(state).toMatchObject({ head: 6, floors: { history: 0, passing: 4 } });
      expect(() => checkCursor(`${state.epoch}.3`, state, ['passing'])).toThrow(/no longer kept/);
      expect(checkCursor(`${state.epoch}.3`, state, ['history'])).toBe(3);
      expect(checkCursor(`${state.epoch}.4`, state, ['passing'])).toBe(4);
      expect(await store.verify()).toEqual([]);
    });

    it('lets go of requests past their seven days', async () => {
      const { store, clock } = subject;
      const request = { caller: 'k', mutation: 'm', key: '1', hash: 'h', result: {} };
      await apply(store, { request });
      clock.time += 7 * 24 * 3_600_000;
      await apply(store, { request: { ...request, key: '2' } });
      expect(await store.prune({ before: TIME, upTo: 0, limit: 100 })).toBe(0);
      clock.time += 1;
      expect(await store.prune({ before: TIME, upTo: 0, limit: 100 })).toBe(1);
      expect(await store.request('k', 'm', '2')).toBeDefined();
    });
  });
}
