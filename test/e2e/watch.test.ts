/** `npm run watch` goes on where it was when the server comes back. */
import { streams } from '@numberyard/launcher/watch/streams';
import { watch } from '@numberyard/launcher/watch/watch';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { expect, it } from 'vitest';
import { addNumbers, createCustomer } from '../src/world/steps.js';
import { openWorld } from '../src/world/world.js';

it('prints every event once over a restart of the server', async () => {
  const world = await openWorld();
  const lines: string[] = [];
  const stop = new AbortController();
  const stream = streams['numbers'];
  if (!stream) throw new Error('the stream of numbers is gone');
  const { customer } = await createCustomer(world);
  const watching = watch({
    stream,
    key: world.adminKey,
    url: `${world.url.replace('http', 'ws')}/graphql`,
    signal: stop.signal,
    print: (line) => void lines.push(line),
  });
  const shown = () => lines.flatMap((line) => /ADDED\s+(\d+)/.exec(line)?.[1] ?? []);
  try {
    let next = 100;
    await waitUntil('the watch to be live', async () => {
      await addNumbers(world.client(), customer, String(next), String(next));
      next += 1;
      return shown().length > 0;
    });
    await world.restart();
    await addNumbers(world.client(), customer, '500', '519');
    await waitUntil('what came after the restart', () => shown().includes('519'));
    const numbers = shown().map(Number);
    const first = numbers[0] ?? 0;
    const before = Array.from({ length: next - first }, (_, index) => first + index);
    expect(numbers).toEqual([...before, ...Array.from({ length: 20 }, (_, index) => 500 + index)]);
    expect(lines.some((line) => line.includes('connected again'))).toBe(true);
  } finally {
    stop.abort();
    await watching;
    await world.close();
  }
});

it('says so and ends when the key is refused', async () => {
  const world = await openWorld();
  const stream = streams['cooling'];
  if (!stream) throw new Error('the stream of cooling is gone');
  const ended = await watch({
    stream,
    key: 'ny_nobody-made-this-key',
    url: `${world.url.replace('http', 'ws')}/graphql`,
    signal: AbortSignal.timeout(20_000),
    print: () => undefined,
  });
  expect(ended.problem).toMatch(/key/);
  await world.close();
});
