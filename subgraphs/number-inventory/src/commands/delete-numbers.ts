/** Delete numbers; their history stays readable, and a number added again continues it. */
import { asRead } from '@numberyard/kit/storage/port';
import { mustBeAvailable } from '../domain/rules.js';
import { numbers } from '../models/number.js';
import { changeEach, type ChangedNumbers } from './change-each.js';
import { byCaller, type Caller, type Deps } from './context.js';
import { numberEvent } from './number-event.js';

/** "Used, Used-Utility, Reserved, Cooling are ignored; only Available numbers go" (Number Range Management); those left are reported. */
export function deleteNumbers(deps: Deps, caller: Caller, ids: readonly string[]): Promise<ChangedNumbers> {
  return changeEach(deps, caller, ids, [], {
    judge: mustBeAvailable,
    write: (gone, now) => ({
      remove: gone.map((number) => asRead(numbers, number)),
      events: gone.map((number) => numberEvent('NumberDeleted', number, byCaller(caller), now)),
    }),
  });
}
