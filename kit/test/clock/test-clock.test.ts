import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { fromInstant, toInstant } from '../../src/clock/clock.js';
import { systemClock } from '../../src/clock/system-clock.js';
import { TestClock } from '../../src/testing/test-clock.js';

describe('TestClock', () => {
  it('stands still until it is moved, and moves both its times', () => {
    const clock = new TestClock(1_000);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
    clock.advance(250);
    expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250]);
  });

  it('wakes the sleepers that are due, in order of their time, and no others', async () => {
    const clock = new TestClock();
    const woken: number[] = [];
    const sleeps = [300, 100, 200, 1_000].map((ms) => clock.sleep(ms).then(() => woken.push(ms)));
    clock.advance(99);
    expect(clock.sleeping).toBe(4);
    clock.advance(201);
    await Promise.all(sleeps.slice(0, 3));
    expect(woken).toEqual([100, 200, 300]);
    expect(clock.sleeping).toBe(1);
  });

  it('ends a sleep when its signal is aborted, and leaves no listener on the signal either way', async () => {
    const clock = new TestClock();
    const controller = new AbortController();
    const [due, aborted] = [clock.sleep(10, controller.signal), clock.sleep(1_000, controller.signal)];
    clock.advance(10);
    await due;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();
    await aborted;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(clock.sleeping).toBe(0);
  });

  it('does not sleep for nothing, nor after the abort', async () => {
    const clock = new TestClock();
    await clock.sleep(0);
    await clock.sleep(10, AbortSignal.abort());
    expect(clock.sleeping).toBe(0);
  });
});

describe('systemClock', () => {
  it('ends a sleep longer than any timer when aborted, without an error and without a listener left', async () => {
    const controller = new AbortController();
    const sleep = systemClock.sleep(2 ** 40, controller.signal);
    controller.abort();
    await sleep;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

it('keeps milliseconds on the way to an instant and back', () => {
  expect(fromInstant(toInstant(1_767_225_600_123))).toBe(1_767_225_600_123);
});
