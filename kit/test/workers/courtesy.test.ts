import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { answerFirst, giveWay } from '../../src/workers/courtesy.js';

/** A request that is answered when told. */
function request() {
  let answer: (value: string) => void = () => undefined;
  let fail: (reason: Error) => void = () => undefined;
  const answered = answerFirst(
    () =>
      new Promise<string>((resolve, reject) => {
        answer = resolve;
        fail = reject;
      }),
  );
  return { answered, answer, fail };
}

/** Notes in `order` when each piece begins. */
function pieces(order: string[], ...names: string[]): Promise<unknown> {
  return Promise.all(names.map((name) => giveWay().then(() => order.push(name))));
}

describe('bulk work and requests', () => {
  it('lets one piece begin in each turn of the event loop, in the order they came', async () => {
    const order: string[] = [];
    const all = pieces(order, 'first', 'second');
    await Promise.resolve();
    expect(order).toEqual([]);
    await turn();
    expect(order).toEqual(['first']);
    await turn();
    expect(order).toEqual(['first', 'second']);
    await all;
  });

  it('begins a piece after the request that was there before it', async () => {
    const order: string[] = [];
    const { answered, answer } = request();
    const told = answered.then((value) => order.push(value));
    const begun = pieces(order, 'piece');
    await turn();
    expect(order).toEqual([]);
    answer('answer');
    await Promise.all([told, begun]);
    expect(order).toEqual(['answer', 'piece']);
  });

  it('waits for the last of several requests', async () => {
    const order: string[] = [];
    const [one, other] = [request(), request()];
    const begun = pieces(order, 'piece');
    one.answer('one');
    await one.answered;
    await turn();
    expect(order).toEqual([]);
    other.answer('other');
    await begun;
    expect(order).toEqual(['piece']);
  });

  it('counts a request that failed as answered, and passes its fault on', async () => {
    const { answered, fail } = request();
    const begun = giveWay();
    fail(new Error('the store is closed'));
    await expect(answered).rejects.toThrow('the store is closed');
    await begun;
  });

  it('begins a piece although a request is never answered', async () => {
    const { answered, answer } = request();
    const order: string[] = [];
    await pieces(order, 'first', 'second');
    expect(order).toEqual(['first', 'second']);
    answer('late');
    expect(await answered).toBe('late');
  });
});
