import { EventEmitter } from 'node:events';
import { mongo } from 'mongoose';
import { expect, it } from 'vitest';
import { Doorbell } from '../../../src/storage/mongo/doorbell.js';
import { Collections } from '../../../src/storage/mongo/layout.js';
import { waitUntil } from '../../../src/testing/wait-until.js';

/** Collections whose change streams a test makes, without a server. */
function watching(open: () => EventEmitter & { hasNext: () => Promise<boolean> }): Collections {
  const collections = new Collections(new mongo.MongoClient('mongodb://127.0.0.1:1').db('none'));
  Object.assign(collections.meta, { watch: () => Object.assign(open(), { close: async () => {} }) });
  return collections;
}

it('does not ring for a stream that is refused, once for one that is open, and again for what it tells', async () => {
  let refused = 0;
  let told: (isMore: boolean) => void = () => {};
  const collections = watching(() => {
    const stream = Object.assign(new EventEmitter(), {
      hasNext: () => new Promise<boolean>((resolve) => (told = resolve)),
      next: async () => {},
    });
    if (refused < 3) stream.hasNext = async () => Promise.reject(new Error('refused'));
    else setImmediate(() => stream.emit('resumeTokenChanged'));
    return stream;
  });
  const doorbell = new Doorbell(collections, () => (refused += 1));
  let rings = 0;
  let ringsRefused = -1;
  const off = doorbell.onRing(() => {
    if (rings === 0) ringsRefused = refused;
    rings += 1;
  });
  await waitUntil('the stream to be open', () => rings === 1);
  expect(ringsRefused).toBe(3);
  told(true);
  await waitUntil('the bell to ring again', () => rings === 2);
  off();
});
