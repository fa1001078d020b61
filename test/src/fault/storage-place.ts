/** Where the store of a process to be killed is: a data folder of the embedded engine, or a connection string of MongoDB. */
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { openMongoStore } from '@numberyard/kit/storage/mongo/open';
import type { Store } from '@numberyard/kit/storage/port';
import { tallies, units } from './storage-units.js';

export function openPlace(place: string): Promise<Store> {
  const options = { name: 'killed', collections: [units, tallies] };
  return place.startsWith('mongodb')
    ? openMongoStore({ uri: place, ...options })
    : openEmbeddedStore({ folder: place, ...options });
}
