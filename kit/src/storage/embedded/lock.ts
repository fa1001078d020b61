/** One process per data file. */
import { StoreError } from '../port.js';
import { openDatabase } from './binding.js';

/**
 * Take the lock of a store; hold it until the function returned is called. It is an exclusive SQLite lock on a file of its own that is held
 * open: the operating system drops it with the process, so that a killed one leaves nothing to clean up.
 * @throws StoreError LOCKED
 */
export function lockStore(folder: string, name: string): () => void {
  const db = openDatabase(`${folder}/${name}.lock`, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw new StoreError('LOCKED', `The data folder ${folder} is in use by another process (${name}.lock is held).`, {
      cause: error,
    });
  }
  return () => db.close();
}
