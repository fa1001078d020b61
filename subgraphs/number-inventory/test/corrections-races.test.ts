/** A device registers, leaves, comes back or moves on at every moment of a correction: whatever the order, what uses a number in the end is what has it. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, describe, expect, test } from 'vitest';
import { numbers } from '../src/models/number.js';
import { asRead } from '@numberyard/kit/storage/port';
import {
  askUntilDone,
  batchOf,
  device,
  followed,
  inventory,
  leave,
  lookedAt,
  numberOf,
  put,
  register,
  started,
} from './auditing.js';

afterEach(() => inventory.close());

// What the inventory has of the number beforehand, and what is true of it.
const before: Record<string, { kept: 'none' | 'available' | 'u1'; real: string[] }> = {
  'a number that is not there': { kept: 'none', real: [] },
  'a number that is not there and is used': { kept: 'none', real: ['u1'] },
  'a number that is Available': { kept: 'available', real: [] },
  'a number that is Available and is used': { kept: 'available', real: ['u1'] },
  'a number that is used': { kept: 'u1', real: ['u1'] },
  'a number that is kept as used and is not': { kept: 'u1', real: [] },
};
const happenings: Record<string, () => Promise<void>> = {
  'another device registers': () => register('u2', '1001'),
  'its device leaves': () => leave('u1', '1001'),
  'its device leaves and comes back': async () => {
    await leave('u1', '1001');
    await register('u1', '1001');
  },
  'its device goes to another number': async () => {
    await leave('u1', '1001', false);
    await register('u1', '1002', false);
    await inventory.tell('sync', [{ ref: 'u1', before: '1001', after: '1002' }]);
  },
  'it passes to another device': async () => {
    await leave('u1', '1001');
    await register('u2', '1001');
  },
};
const moments = [
  'before it is looked at',
  'before it is asked for',
  'before the uses are read',
  'after the uses are read',
  'after it is done',
];

async function forget(): Promise<void> {
  inventory.listing = [];
  for (const value of ['1001', '1002']) {
    await waitUntil('the number to be gone', async () => {
      const number = await numberOf(value);
      return !number || (await inventory.store.commit({ remove: [asRead(numbers, number)] })).ok;
    });
  }
}

/** What a store does shows in the step of the correction only. */
const hostileMoments = moments.filter((moment) => moment.endsWith('are read'));

for (const hostile of [undefined, 23]) {
  describe(hostile === undefined ? 'at every moment' : 'at every moment, over a hostile store', () => {
    test.each(Object.entries(before))('%s', async (_, { kept, real }) => {
      await started(hostile === undefined ? {} : { hostile });
      let batch = 0;
      for (const [what, happen] of Object.entries(happenings)) {
        for (const moment of hostile === undefined ? moments : hostileMoments) {
          batch += 1;
          await forget();
          if (kept !== 'none') await put('1001', kept === 'u1' ? { uses: [device('u1')] } : {});
          for (const ref of real) await register(ref, '1001', false);
          if (moment === 'before it is looked at') await happen();
          const numbers = [await lookedAt('1001'), await lookedAt('1002')];
          if (moment === 'before it is asked for') await happen();
          if (moment === 'before the uses are read') inventory.beforeUses = happen;
          if (moment === 'after the uses are read') inventory.afterUses = happen;
          await askUntilDone(batchOf(numbers, { batch }));
          if (moment === 'after it is done') await happen();
          await followed();
          // What the audit left because it changed meanwhile the next one puts right.
          const again = [await lookedAt('1001'), await lookedAt('1002')];
          await askUntilDone(batchOf(again, { run: 'next', batch }));
          for (const value of ['1001', '1002']) {
            const number = await numberOf(value);
            const users = inventory.listing.filter((use) => use.number === value).map(({ ref }) => ref);
            const uses = number?.uses.map(({ ref }) => ref) ?? [];
            expect({ what, moment, value, uses: uses.sort(), isUsed: number?.status === 'USED' }).toEqual({
              what,
              moment,
              value,
              uses: users.sort(),
              isUsed: users.length > 0,
            });
          }
        }
      }
    });
  });
}
