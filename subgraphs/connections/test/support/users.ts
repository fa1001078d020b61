import type { Store } from '@numberyard/kit/storage/port';
import { fieldsOf, type RegisteredUserChange } from '@numberyard/schema/events';
import type { RegisteredUser } from '../../src/domain/registered-user.js';
import { mirroredUsers } from '../../src/commands/sync/absent-users.js';

/** Everybody mirrored of a connection. */
export async function mirrorOf(store: Store, connection: string): Promise<RegisteredUser[]> {
  const users: RegisteredUser[] = [];
  for await (const page of mirroredUsers(store, connection)) users.push(...page);
  return users;
}

/** The numbers in use as number-inventory knows them from the log, by reference; checks that each change fits the one before. */
export async function usesTold(store: Store): Promise<Map<string, string>> {
  const uses = new Map<string, string>();
  for (const change of await changesTold(store)) {
    if ((uses.get(change.ref) ?? null) !== change.before) {
      throw new Error(`${change.ref} was ${uses.get(change.ref)}, and the log says that it was ${change.before}`);
    }
    if (change.after === null) uses.delete(change.ref);
    else uses.set(change.ref, change.after);
  }
  return uses;
}

/** Every change told so far, in order. */
export async function changesTold(store: Store): Promise<RegisteredUserChange[]> {
  const changes: RegisteredUserChange[] = [];
  for (let after = 0; ;) {
    const { events, upTo } = await store.log.read({ after, limit: 1000 });
    changes.push(...events.flatMap((event) => fieldsOf(event, 'RegisteredUsersChanged')?.changes ?? []));
    if (upTo === after) return changes;
    after = upTo;
  }
}
