import { systemClock } from '@numberyard/kit/clock/system-clock';
import { CursorError } from '@numberyard/kit/log/cursor';
import type { EventLog, Retention } from '@numberyard/kit/log/event';
import { openStream, type StreamOptions } from '@numberyard/kit/log/stream';
import { hostile } from '@numberyard/kit/storage/hostile';
import type { Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, describe, expect, it } from 'vitest';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(name = 'source'): Promise<Store> {
  const { store, close } = await openTestStore({ name, collections: [] });
  closers.push(close);
  return store;
}

function occur(store: Store, type = 'Wanted', times = 1, retention: Retention = 'history') {
  const event = {
    type,
    retention,
    entity: 'Thing:1',
    path: 'p',
    actor: { type: 'WORKER', id: 'test' },
    time: '2026-01-01T00:00:00.000Z',
    fields: {},
  } as const;
  return store.commit({ events: Array.from({ length: times }, () => event) });
}

/** A log that counts who listens to it. */
function counted(log: EventLog): { log: EventLog; listening: () => number } {
  let listening = 0;
  return {
    listening: () => listening,
    log: {
      state: () => log.state(),
      read: (read) => log.read(read),
      ofEntity: (entity, options) => log.ofEntity(entity, options),
      onAppend(listener) {
        listening += 1;
        const off = log.onAppend(listener);
        return () => {
          listening -= 1;
          off();
        };
      },
    },
  };
}

async function stream(log: EventLog, more: Partial<StreamOptions> = {}) {
  const opened = await openStream({ log, clock: systemClock, types: ['Wanted'], retentions: ['history'], ...more });
  closers.push(async () => void (await opened.return?.()));
  return opened;
}

async function take(source: AsyncIterableIterator<{ event: { position: number }; cursor: string }>, count: number) {
  const taken: { position: number; cursor: string }[] = [];
  while (taken.length < count) {
    const next = await source.next();
    if (next.done) break;
    taken.push({ position: next.value.event.position, cursor: next.value.cursor });
  }
  return taken;
}

const positions = (taken: readonly { position: number }[]) => taken.map(({ position }) => position);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('a stream of the log', () => {
  it.each(['normal', 'late'] as const)(
    'gives every event once and in order while others write and the bell rings %s, from any cursor it gave before',
    async (doorbell) => {
      const store = await open();
      const { log } = hostile(store, { seed: 5, conflictRate: 0, doorbell });
      const total = 600;
      const writing = (async () => {
        for (let n = 0; n < total / 3; n += 1) await occur(store, 'Wanted', 3);
      })();
      const { epoch } = await store.log.state();
      const seen: number[] = [];
      let after = `${epoch}.0`;
      for (const part of [1, 7, 50, 199, 200, 1, 142]) {
        const opened = await stream(log, { after });
        const taken = await take(opened, part);
        await opened.return?.();
        after = taken.at(-1)?.cursor ?? after;
        seen.push(...positions(taken));
      }
      await writing;
      expect(seen).toEqual(range(1, total));
    },
  );

  it('begins now without a cursor: what was before is not told, what comes after the opening is', async () => {
    const store = await open();
    await occur(store, 'Wanted', 5);
    const opened = await stream(store.log);
    await occur(store, 'Wanted', 2);
    expect(positions(await take(opened, 2))).toEqual([6, 7]);
  });

  it('passes over other types, and catches up over long stretches of them', async () => {
    const store = await open();
    const { epoch } = await store.log.state();
    for (let n = 0; n < 3; n += 1) await occur(store, 'Other', 900);
    await occur(store, 'Wanted');
    const opened = await stream(store.log, { after: `${epoch}.0` });
    expect(positions(await take(opened, 1))).toEqual([2_701]);
  });

  it('looks once a second where the bell never rings', async () => {
    const store = await open();
    const clock = new TestClock();
    const { log } = hostile(store, { seed: 1, conflictRate: 0, doorbell: 'never' });
    const opened = await stream(log, { clock });
    const next = opened.next();
    await waitUntil('the stream to wait', () => clock.sleeping === 1);
    await occur(store);
    clock.advance(1_000);
    expect((await next).value).toMatchObject({ event: { position: 1 } });
  });

  it('gives each event to one of two who ask at the same time', async () => {
    const store = await open();
    const opened = await stream(store.log);
    const asked = [opened.next(), opened.next(), opened.next()];
    await occur(store, 'Wanted', 3);
    const got = await Promise.all(asked);
    expect(got.map((next) => (next.done ? undefined : next.value.event.position))).toEqual([1, 2, 3]);
  });

  it('ends at once when its reader goes away while it waits, and is taken off the bell', async () => {
    const { log, listening } = counted((await open()).log);
    const clock = new TestClock();
    const opened = await stream(log, { clock });
    const asked = [opened.next(), opened.next()];
    await waitUntil('the stream to wait', () => clock.sleeping === 1);
    expect(listening()).toBe(1);
    await opened.return?.();
    expect(await Promise.all(asked)).toEqual(Array(2).fill({ done: true, value: undefined }));
    expect([clock.sleeping, listening()]).toEqual([0, 0]);
    expect(await opened.next()).toEqual({ done: true, value: undefined });
  });

  it('is taken off the bell when it fails, because a reader does not end it after an error', async () => {
    const store = await open();
    const { log, listening } = counted(store.log);
    const opened = await stream(log);
    await store.close();
    await expect(opened.next()).rejects.toThrow(/closed/i);
    expect(listening()).toBe(0);
  });

  it.each([
    ['CURSOR_INVALID', () => 'nonsense'],
    ['CURSOR_FOREIGN_EPOCH', () => 'another.3'],
    ['CURSOR_AHEAD', (epoch: string) => `${epoch}.999`],
    ['CURSOR_EXPIRED', (epoch: string) => `${epoch}.3`],
  ])('is refused with %s, and hangs no bell', async (code, cursor) => {
    const store = await open();
    await occur(store, 'Passed', 10, 'passing');
    await store.prune({ before: '2027-01-01T00:00:00.000Z', upTo: 10, limit: 100 });
    const { log, listening } = counted(store.log);
    const { epoch } = await store.log.state();
    const problem = await stream(log, { after: cursor(epoch), retentions: ['passing'] }).catch(
      (error: unknown) => error,
    );
    expect(problem).toBeInstanceOf(CursorError);
    expect(problem).toMatchObject({ code });
    expect(listening()).toBe(0);
  });

  it('tells a reader that fell behind that events went, instead of going on after a gap', async () => {
    const store = await open();
    const { epoch } = await store.log.state();
    await occur(store, 'Wanted', 500, 'passing');
    const opened = await stream(store.log, { after: `${epoch}.0`, retentions: ['passing'] });
    await take(opened, 1);
    await store.prune({ before: '2027-01-01T00:00:00.000Z', upTo: 450, limit: 1_000 });
    const seen: number[] = [1];
    const problem = await (async () => {
      for await (const { event } of opened) seen.push(event.position);
    })().catch((error: unknown) => error);
    expect(problem).toMatchObject({ code: 'CURSOR_EXPIRED' });
    expect(seen).toEqual(range(1, seen.length));
  });
});
