/** An installation's databases as images to copy from and targets to copy into, on either engine. */
import { openEmbeddedImage } from '@numberyard/kit/storage/embedded/image';
import { openEmbeddedTarget } from '@numberyard/kit/storage/embedded/target';
import type { StoreImage } from '@numberyard/kit/storage/copy/image';
import type { StoreTarget } from '@numberyard/kit/storage/copy/target';
import { openMongoImage } from '@numberyard/kit/storage/mongo/image';
import { openMongoTarget } from '@numberyard/kit/storage/mongo/target';
import { parseMongoUri } from '@numberyard/kit/storage/mongo/uri';
import type { SubgraphName } from '@numberyard/schema/sdl';
import type { Databases } from '../stores.js';
import { SUBGRAPHS } from '../subgraphs.js';

/** For messages; unlike a URI it holds no password. */
export function placeOf({ data, mongodbUri }: Databases): string {
  if (mongodbUri === undefined) return `the data folder ${data}`;
  const { hosts, prefix } = parseMongoUri(mongodbUri);
  return `MongoDB at ${hosts} (databases ${prefix}_…)`;
}

/** @param attempt 0 first; 1 when the database could not keep its snapshot long enough */
export function openImage(
  name: SubgraphName,
  { data, mongodbUri: uri }: Databases,
  attempt: number,
): Promise<StoreImage> {
  if (uri === undefined) return openEmbeddedImage(data, name);
  const { collections } = SUBGRAPHS[name];
  return openMongoImage({ uri, name, collections, mode: attempt === 0 ? 'SNAPSHOT' : 'STILL' });
}

export function openTarget(name: SubgraphName, { data: folder, mongodbUri: uri }: Databases): Promise<StoreTarget> {
  const { collections } = SUBGRAPHS[name];
  return uri === undefined
    ? openEmbeddedTarget({ folder, name, collections })
    : openMongoTarget({ uri, name, collections });
}
