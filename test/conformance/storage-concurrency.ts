import { describe, expect, it } from 'vitest';
import { apply, change, event, item, items, saving, settled } from './fixtures.js';
import type { Subject } from './storage.js';

/** Up to twenty thousand reads. */
const SLOW = { timeout: 180_000 };

export function describeConcurrency(subject: Subject): void {
  describe('racing writers', () => {
    it('two hundred on one document lose no change', SLOW, async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { rank: 0 })));
      await Promise.all(
        Array.from({ length: 200 }, () => change(store, 'a', (now) => ({ ...now, rank: (now.rank ?? 0) + 1 }))),
      );
      expect(await store.get(items, 'a')).toMatchObject({ rank: 200, version: 201 });
    });

    it('of which each read the same version: one wins, the others are told', async () => {
      const { store } = subject;
      await apply(store, saving(item('a')));
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => settled(store, saving(item('a', { version: 1, note: `w${index}` })))),
      );
      const winners = answers.flatMap(({ ok }, index) => (ok ? [`w${index}`] : []));
      expect(winners).toHaveLength(1);
      expect((await store.get(items, 'a'))?.note).toBe(winners[0]);
    });

    it('for a unique value: one holds it, each loser is told which key', async () => {
      const { store } = subject;
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          settled(store, saving(item(`i${index}`, { serial: `s${index % 5}` }))),
        ),
      );
      expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
      for (const answer of answers) {
        if (!answer.ok) expect(answer.conflicts).toMatchObject([{ kind: 'TAKEN', key: 'serial' }]);
      }
      expect((await store.find(items, { key: 'serial', limit: 100 })).items).toHaveLength(5);
      expect(await store.verify()).toEqual([]);
    });

    it('with the same request: one is applied', async () => {
      const { store } = subject;
      const request = { caller: 'k', mutation: 'm', key: '1', hash: 'h', result: {} };
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, index) => settled(store, { ...saving(item(`i${index}`)), request })),
      );
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      expect((await store.find(items, { key: 'name', limit: 100 })).items).toHaveLength(1);
    });

    it('are seen by whoever reads after their answer', async () => {
      const { store } = subject;
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const cursor = await apply(store, { ...saving(item(`i${index}`)), events: [event(`i${index}`)] });
          expect((await store.get(items, `i${index}`))?.version).toBe(1);
          expect((await store.log.state()).head).toBeGreaterThanOrEqual(Number(cursor.split('.')[1]));
        }),
      );
    });

    it('in great numbers and sizes are all served, larger than a group too', async () => {
      const { store } = subject;
      const large = Array.from({ length: 1_900 }, (_, index) => item(`large${index}`));
      const small = Array.from({ length: 900 }, (_, index) => apply(store, saving(item(`small${index}`))));
      await Promise.all([
        apply(store, { ...saving(...large), trusted: true }),
        ...small,
        ...[1, 2, 3].map((n) => apply(store, saving(item(`long${n}`, { note: 'x'.repeat(900_000) })))),
      ]);
      expect(await store.counts(items, 'states', 'root')).toEqual([{ values: ['NEW'], count: 2_803 }]);
    });
  });
}
