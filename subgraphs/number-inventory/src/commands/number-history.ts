/** What happened to a number, read from the log: kept for ever, also past a deletion. */
import type { LoggedEvent } from '@numberyard/kit/log/event';
import type { Page, Store } from '@numberyard/kit/storage/port';
import { entity } from '@numberyard/schema/events';

/** Newest first. @param before position of the event to go on before */
export async function numberHistory(
  store: Store,
  id: string,
  limit: number,
  before: number | undefined,
): Promise<Page<LoggedEvent>> {
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
