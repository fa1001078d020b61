/** What happened to a number, read from the log: kept for ever, also past a deletion. */
import { badInput } from '@numberyard/kit/graph/errors';
import type { LoggedEvent } from '@numberyard/kit/log/event';
import type { Instant, Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import { entity } from '@numberyard/schema/events';

/** Newest first. @param after position of the page to go on after: the event's in the log. @throws GraphQLError BAD_USER_INPUT when it is none */
export async function numberHistory(
  store: Store,
  id: string,
  limit: number,
  after: PagePosition | undefined,
): Promise<Page<LoggedEvent>> {
  const before = after?.[0];
  const isForeign = after && (after.length !== 1 || typeof before !== 'number');
  if (isForeign || typeof before === 'string') throw badInput('after', 'is no cursor of this list.');
  const events = await store.log.ofEntity(entity.number(id), {
    limit: limit + 1,
    ...(before !== undefined && { before }),
  });
  const items = events.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    positions: items.map((event) => [event.position]),
    ...(events.length > limit && last && { after: [last.position] }),
  };
}

/** The last that had happened to a number by a time; undefined when it did not exist yet. */
export async function numberAt(store: Store, id: string, time: Instant): Promise<LoggedEvent | undefined> {
  const [event] = await store.log.ofEntity(entity.number(id), { limit: 1, until: time });
  return event;
}
