/** An engine behind the storage port, used as Numberyard uses it. */
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { openStream } from '@numberyard/kit/log/stream';
import type { Store } from '@numberyard/kit/storage/port';
import { items, PAGE, type Subject } from './subject.js';

/** @param options.openFollower opens a store that shares nothing with the first for whoever follows the log; left out where one process has it all */
export function engineSubject(options: { name: string; store: Store; openFollower?: () => Promise<Store> }): Subject {
  const { name, store, openFollower } = options;
  return {
    name,
    async write(units, bulk = false) {
      const result = await store.commit({
        save: units.map(({ doc }) => ({ collection: items.name, doc })),
        events: units.map(({ event }) => event),
        trusted: bulk,
      });
      if (!result.ok) throw new Error(`conflicts: ${JSON.stringify(result.conflicts)}`);
    },
    byId: (id) => store.get(items, id),
    byNumber: (number) => store.getByKey(items, 'byNumber', [number]),
    async pageAfter({ owner, status, number, id }) {
      const after = [owner, status, number, id];
      return (await store.find(items, { key: 'byStatus', equals: [owner, status], limit: PAGE, after })).items;
    },
    async follow(told) {
      const follower = await openFollower?.();
      const types = ['itemAdded', 'itemChanged'];
      const { log } = follower ?? store;
      const stream = await openStream({ log, clock: systemClock, types, retentions: ['history'] });
      const reading = (async () => {
        for await (const { event } of stream) told(event);
      })();
      return async () => {
        await stream.return?.();
        await reading;
        await follower?.close();
      };
    },
    close: () => store.close(),
  };
}
