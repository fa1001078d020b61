import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { isOutcomeUnknown, troubleOf } from '../../../src/storage/mongo/errors.js';

/** As a bulk write throws what was thrown beneath it. */
const bulkError = (error: Error) => new mongo.MongoBulkWriteError(error, {} as mongo.BulkWriteResult);

describe('what a socket says of itself, which the driver passes on', () => {
  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('%s is a server that is away, and leaves a commit unknown', (code) => {
    const error = Object.assign(new Error(`write ${code}`), { code });
    expect(troubleOf(error)).toBe('AWAY');
    expect(isOutcomeUnknown(error)).toBe(true);
    expect(troubleOf(bulkError(error))).toBe('AWAY');
  });

  it.each([new Error('ours'), Object.assign(new Error('ours'), { code: 'ENOENT' })])(
    '%s is no trouble of the database',
    (error) => {
      expect(troubleOf(error)).toBeUndefined();
      expect(isOutcomeUnknown(error)).toBe(false);
    },
  );
});

it('a rival that is in the way leaves nothing unknown', () => {
  const error = new mongo.MongoServerError({
    message: 'WriteConflict',
    code: 112,
    errorLabels: ['TransientTransactionError'],
  });
  expect([troubleOf(error), isOutcomeUnknown(error)]).toEqual(['RIVAL', false]);
});
