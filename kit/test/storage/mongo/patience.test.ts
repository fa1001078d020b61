import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { judgeOfTransactions, Patience } from '../../../src/storage/mongo/patience.js';
import { StoreError } from '../../../src/storage/port.js';

const away = () => new mongo.MongoNetworkError('gone');
const rival = () => new mongo.MongoServerError({ message: 'write conflict', code: 112 });
const duplicate = () => new mongo.MongoServerError({ message: 'duplicate', code: 11_000 });
const tell = (error: unknown) => new StoreError('UNAVAILABLE', 'it is away', { cause: error });

/** Fails so often, then answers how often it was tried. */
function failing(times: number, make: () => Error) {
  let tried = 0;
  return async () => {
    tried += 1;
    if (tried <= times) throw make();
    return tried;
  };
}

describe('patience', () => {
  it.each([
    ['a network that is gone', away],
    ['a rival', rival],
  ])('tries again after %s', async (_, make) => {
    expect(await new Patience(tell).persist(60_000, failing(3, make))).toBe(4);
  });

  it('throws at once what trying again does not mend', async () => {
    const attempt = failing(1, () => new RangeError('a mistake'));
    await expect(new Patience(tell).persist(60_000, attempt)).rejects.toThrow(RangeError);
  });

  it('ends with the term, saying who was in the way', async () => {
    await expect(new Patience(tell).persist(0, failing(9, away))).rejects.toMatchObject({ message: 'it is away' });
    await expect(new Patience(tell).persist(0, failing(9, rival))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('too busy') as string,
    });
  });

  it('is short with whoever comes when the database has been away for longer than their term, until it is back', async () => {
    const patience = new Patience(tell);
    await expect(patience.persist(0, failing(9, away))).rejects.toThrow();
    const begun = Date.now();
    while (Date.now() - begun < 20) await new Promise((resolve) => setImmediate(resolve));
    await expect(patience.persist(10, failing(1, away))).rejects.toThrow('it is away');
    expect(await patience.persist(10, failing(0, away))).toBe(1);
    expect(await patience.persist(60_000, failing(2, away))).toBe(3);
  });

  it('when it is ended waits for rivals only', async () => {
    const patience = new Patience(tell);
    patience.end();
    expect(await patience.persist(60_000, failing(2, rival))).toBe(3);
    await expect(patience.persist(60_000, failing(1, away))).rejects.toThrow('it is away');
  });

  it('takes a duplicate that a transaction had not found for a rival, but not for ever', async () => {
    const patience = new Patience(tell);
    expect(await patience.persist(60_000, failing(3, duplicate), judgeOfTransactions())).toBe(4);
    await expect(patience.persist(60_000, failing(99, duplicate), judgeOfTransactions())).rejects.toThrow('duplicate');
  });
});
