import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { createLogger } from '@numberyard/kit/logging/logger';
import type { Clock } from '@numberyard/kit/clock/clock';
import { hostile } from '@numberyard/kit/storage/hostile';
import { save, type Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { holders, leases as leaseDocs, workerCollections } from '@numberyard/kit/workers/collections';
import { LeaseLostError, Leases } from '@numberyard/kit/workers/leases';
import { Loop, type LoopOptions } from '@numberyard/kit/workers/loop';
import { afterEach, describe, expect, it } from 'vitest';

const logger = createLogger('silent');

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp<C extends Clock = TestClock>(clock: C) {
  const { store, close } = await openTestStore({ collections: workerCollections, exclusive: true });
  const leases = new Leases({ store, clock, logger });
  closers.push(close);
  const loop = (step: LoopOptions['step'], more: Partial<LoopOptions> = {}) => {
    const made = new Loop({ name: 'work', leases, clock, logger, step, ...more });
    closers.push(() => made.drain());
    return made;
  };
  const asleep = () => waitUntil('the loop to pause', () => clock instanceof TestClock && clock.sleeping === 1);
  return { store, leases, clock, loop, asleep };
}

describe('a worker loop', () => {
  it('takes a step, pauses, and takes the next', async () => {
    const { loop, clock, asleep } = await setUp(new TestClock());
    let steps = 0;
    loop(async () => void (steps += 1), { everyMs: 500 }).start();
    await asleep();
    clock.advance(499);
    await turn();
    expect(steps).toBe(1);
    clock.advance(1);
    await waitUntil('the second step', () => steps === 2);
  });

  it('goes on at once where a step asks for it, without starving everybody else', async () => {
    const { loop } = await setUp(new TestClock());
    let steps = 0;
    const running = loop(async () => {
      steps += 1;
      return 0;
    });
    running.start();
    await waitUntil('many steps', () => steps > 100);
    await running.drain();
  });

  it('ends its pause when it is rung', async () => {
    const { loop, asleep } = await setUp(new TestClock());
    let steps = 0;
    const running = loop(async () => void (steps += 1));
    running.start();
    await asleep();
    running.ring();
    await waitUntil('the second step', () => steps === 2);
  });

  it('does not lose a ring that comes during a step', async () => {
    const { loop } = await setUp(new TestClock());
    let steps = 0;
    const running = loop(async () => {
      steps += 1;
      if (steps < 10) running.ring();
      await turn();
    });
    running.start();
    await waitUntil('a step for each ring', () => steps === 10);
  });

  it('hears its bell while it runs, and is taken off it at the end', async () => {
    const { loop, asleep } = await setUp(new TestClock());
    let steps = 0;
    const listeners = new Set<() => void>();
    const running = loop(async () => void (steps += 1), {
      bell: (ring) => {
        listeners.add(ring);
        return () => listeners.delete(ring);
      },
    });
    running.start();
    await asleep();
    for (const ring of listeners) ring();
    await waitUntil('the second step', () => steps === 2);
    await running.drain();
    expect(listeners.size).toBe(0);
  });

  it('works without its bell when that cannot be hung', async () => {
    const { loop, clock, asleep } = await setUp(new TestClock());
    let steps = 0;
    const bell = () => {
      throw new Error('no bell');
    };
    loop(async () => void (steps += 1), { bell }).start();
    await asleep();
    clock.advance(1_000);
    await waitUntil('the second step', () => steps === 2);
  });

  it('finishes the step under way before it is drained, and gives its lease back', async () => {
    const { loop, store } = await setUp(new TestClock());
    const events: string[] = [];
    let finish = (): void => undefined;
    const running = loop(async ({ signal }) => {
      events.push('begun');
      await new Promise<void>((resolve) => (finish = resolve));
      events.push(signal.aborted ? 'told to stop' : 'not told');
      events.push('finished');
    });
    running.start();
    await waitUntil('the step to begin', () => events.length === 1);
    const drained = running.drain().then(() => events.push('drained'));
    await turn();
    expect(events).toEqual(['begun']);
    finish();
    await drained;
    expect(events).toEqual(['begun', 'told to stop', 'finished', 'drained']);
    expect((await store.get(leaseDocs, 'work'))?.holder).toBe('');
  });

  it('ends at once when drained in a pause, also in one after a failure', async () => {
    for (const step of [async () => undefined, () => Promise.reject(new Error('broken'))]) {
      const { loop, clock, asleep } = await setUp(new TestClock());
      const running = loop(step);
      running.start();
      await asleep();
      await running.drain();
      expect(clock.sleeping).toBe(0);
    }
  });

  it('takes no step once drained, though started or rung', async () => {
    const { loop } = await setUp(new TestClock());
    let steps = 0;
    const running = loop(async () => void (steps += 1));
    await running.drain();
    running.start();
    running.ring();
    await running.drain();
    expect(steps).toBe(0);
  });

  it('keeps to its pause after a failure whatever rings, says what failed, and forgets it after a step that went well', async () => {
    const { loop, clock, asleep } = await setUp(new TestClock());
    let steps = 0;
    const running = loop(async () => {
      steps += 1;
      if (steps === 1) throw new Error('device gone');
    });
    running.start();
    await asleep();
    expect(running.failing?.message).toBe('device gone');
    running.ring();
    await turn();
    expect([steps, clock.sleeping]).toEqual([1, 1]);
    clock.advance(200);
    await waitUntil('the failure to be forgotten', () => running.failing === undefined);
    expect(steps).toBe(2);
  });

  it('waits longer after each failure in a row, five seconds at most', async () => {
    const pauses: number[] = [];
    const clock = new (class extends TestClock {
      override async sleep(ms: number): Promise<void> {
        pauses.push(ms);
        await turn();
      }
    })();
    const { loop } = await setUp(clock);
    const running = loop(() => Promise.reject(new Error('broken')));
    running.start();
    await waitUntil('many failures', () => pauses.length >= 14);
    await running.drain();
    pauses.slice(0, 14).forEach((pause, index) => {
      const ceiling = Math.min(5_000, 200 * 2 ** index);
      expect(pause).toBeGreaterThanOrEqual(ceiling / 2);
      expect(pause).toBeLessThanOrEqual(ceiling);
    });
  });

  it('takes its lease again after it was lost', async () => {
    const { loop, clock, asleep } = await setUp(new TestClock());
    const fences: number[] = [];
    const running = loop(async ({ lease }) => {
      fences.push(lease.fence.version);
      if (fences.length === 1) throw new LeaseLostError(lease.name);
    });
    running.start();
    await asleep();
    expect(running.failing).toBeUndefined();
    clock.advance(1_000);
    await waitUntil('a step under a new lease', () => fences.length === 2);
    expect(fences).toEqual([1, 2]);
  });

  it('is not failing while a rival does its work, whatever went wrong before', async () => {
    const { loop, leases, clock, asleep } = await setUp(new TestClock());
    const running = loop(async ({ lease }) => {
      leases.forget(lease);
      // The rival is another loop of this process here; to this loop it makes no difference.
      await leases.acquire('work');
      throw steps++ === 0 ? new Error('broken') : new LeaseLostError('work');
    });
    let steps = 0;
    running.start();
    await asleep();
    expect(running.failing).toBeDefined();
    clock.advance(200);
    await waitUntil('the failure to be forgotten', () => running.failing === undefined);
  });

  it('leaves nothing on its own signal, however often it pauses', async () => {
    let signal: AbortSignal | undefined;
    let steps = 0;
    const { loop, clock } = await setUp(new TestClock());
    const running = loop(async (step) => {
      signal = step.signal;
      steps += 1;
    });
    running.start();
    for (let pause = 1; pause <= 300; pause += 1) {
      await waitUntil('the pause', () => steps === pause && clock.sleeping === 1);
      running.ring();
    }
    await waitUntil('the last step', () => steps === 301);
    expect(signal && getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('takes over from a holder that died, within its term and a look, however short the term is and though nothing rings', async () => {
    const TERM = 400;
    const clock = new TestClock();
    const { store, close } = await openTestStore({ collections: workerCollections });
    closers.push(close);
    const shared: Store = { ...hostile(store, { seed: 1, conflictRate: 0, doorbell: 'normal' }), exclusive: false };
    await shared.commit({
      save: [
        save(leaseDocs, { id: 'work', version: 0, holder: 'dead' }),
        save(holders, { id: 'dead', version: 0, beats: 1 }),
      ],
    });
    const leases = new Leases({ store: shared, clock, logger, termMs: TERM });
    closers.push(() => leases.stop());
    let steps = 0;
    const running = new Loop({ name: 'work', leases, clock, logger, step: async () => void (steps += 1) });
    closers.push(() => running.drain());
    running.start();
    for (let passed = 0; passed < 2 * TERM; passed += leases.lookMs) {
      await waitUntil('the loop to pause', () => clock.sleeping > 0);
      clock.advance(leases.lookMs);
    }
    await waitUntil('the first step', () => steps > 0);
  });
});
