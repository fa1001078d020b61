import { createLogger } from '@numberyard/kit/logging/logger';
import { AppendBell } from '@numberyard/kit/service/append-bell';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Asked {
  readonly known: number | undefined;
  answer(head: number): void;
  fail(): void;
}

let clock: TestClock;
let asked: Asked[];
let bell: AppendBell;
let rings: number;

beforeEach(() => {
  clock = new TestClock();
  asked = [];
  rings = 0;
  bell = new AppendBell({
    source: 'other',
    clock,
    logger: createLogger('silent'),
    head: (known) =>
      new Promise((resolve, reject) => asked.push({ known, answer: resolve, fail: () => reject(new Error('gone')) })),
  });
});
afterEach(() => bell.stop());

/** The `count`th question, however long the bell pauses before it. */
async function question(count: number): Promise<Asked> {
  await waitUntil(`question ${count}`, async () => {
    if (asked.length >= count) return true;
    clock.advance(1_000);
    return false;
  });
  const found = asked[count - 1];
  if (!found) throw new Error('there is none');
  return found;
}

describe('the bell of a log in another process', () => {
  it('asks nobody until somebody listens', () => {
    expect(asked).toEqual([]);
    bell.listen(() => undefined);
    expect(asked.map(({ known }) => known)).toEqual([undefined]);
  });

  it('rings at the first answer, and then whenever the head is another', async () => {
    bell.listen(() => (rings += 1));
    (await question(1)).answer(7);
    expect((await question(2)).known).toBe(7);
    expect(rings).toBe(1);
    (await question(2)).answer(7);
    (await question(3)).answer(3);
    expect((await question(4)).known).toBe(3);
    expect(rings).toBe(2);
  });

  it('pauses after an answer that came at once without news, lest it ask without end', async () => {
    bell.listen(() => (rings += 1));
    (await question(1)).answer(7);
    (await question(2)).answer(7);
    const before = asked.length;
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toHaveLength(before);
    await question(before + 1);
  });

  it('tries again when it fails, and rings when it succeeds though the head is the same', async () => {
    bell.listen(() => (rings += 1));
    (await question(1)).answer(7);
    (await question(2)).fail();
    (await question(3)).fail();
    expect((await question(4)).known).toBeUndefined();
    expect(rings).toBe(1);
    (await question(4)).answer(7);
    await question(5);
    expect(rings).toBe(2);
  });

  it('rings every listener as often as it listens, and stops with the last', async () => {
    const ring = () => (rings += 1);
    const silence = [bell.listen(ring), bell.listen(ring)];
    (await question(1)).answer(1);
    await question(2);
    expect(rings).toBe(2);
    for (const silent of silence) silent();
    (await question(2)).answer(2);
    const begin = clock.now();
    await waitUntil('a minute', async () => {
      clock.advance(1_000);
      return clock.now() > begin + 60_000;
    });
    expect([rings, asked.length]).toEqual([2, 2]);
  });
});
