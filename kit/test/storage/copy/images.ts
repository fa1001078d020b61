/** Images that misbehave. */
import type { Batch, StoreImage } from '@numberyard/kit/storage/copy/image';

/** An image that breaks when it has given so many batches, all images of one killer counted together. */
export function killer(after: number): (image: StoreImage) => StoreImage {
  let left = after;
  return (image) =>
    withBatches(image, async function* (batches) {
      for await (const batch of batches) {
        if (left === 0) throw new Error('killed');
        left -= 1;
        yield batch;
      }
    });
}

/** An image in whose first batch something else happens. */
export function during(image: StoreImage, happen: () => Promise<unknown>): StoreImage {
  return withBatches(image, async function* (batches) {
    let isFirst = true;
    for await (const batch of batches) {
      if (isFirst) await happen();
      isFirst = false;
      yield batch;
    }
  });
}

function withBatches(image: StoreImage, change: (batches: AsyncIterable<Batch>) => AsyncIterable<Batch>): StoreImage {
  return {
    name: image.name,
    facts: () => image.facts(),
    batches: (start) => change(image.batches(start)),
    close: () => image.close(),
  };
}
