/** What must hold after the race, read from the databases. */
import type { LoggedEvent } from '@numberyard/kit/log/event';
import type { Store } from '@numberyard/kit/storage/port';
import { COPIED, copied } from './race.js';

/** A commit as its writer was answered. */
export interface Acknowledgement {
  readonly writer: string;
  readonly count: number;
  readonly position: number;
}

/** The whole log. @throws Error when its positions are not dense */
export async function readLog(store: Store): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  const { head } = await store.log.state();
  while (events.length < head) {
    const batch = await store.log.read({ after: events.length, limit: 1_000 });
    for (const event of batch.events) {
      events.push(event);
      if (event.position !== events.length) throw new Error(`${event.position} stands where ${events.length} is due`);
    }
    if (batch.upTo !== events.length) throw new Error(`read to ${batch.upTo}, but events end at ${events.length}`);
  }
  return events;
}

/** Whether the log tells what happened in the order it was committed, and everything that was acknowledged. Problems as sentences. */
export function checkOrder(events: readonly LoggedEvent[], acknowledged: readonly Acknowledgement[]): string[] {
  const problems: string[] = [];
  const counts = new Map<string, number>();
  let turn = 0;
  for (const { entity, fields, position } of events) {
    const count = (counts.get(entity) ?? 0) + 1;
    counts.set(entity, count);
    if (fields['count'] !== count)
      problems.push(`${position}: ${String(fields['count'])} of ${entity}, ${count} is due`);
    if (fields['turn'] === undefined) continue;
    turn += 1;
    if (fields['turn'] !== turn) problems.push(`${position}: turn ${String(fields['turn'])}, ${turn} is due`);
  }
  for (const { writer, count, position } of acknowledged) {
    // The answer's position is where the log stood after the commit, which has a single event.
    const event = events[position - 1];
    if (event?.entity !== `lane:${writer}` || event.fields['count'] !== count) {
      problems.push(`${writer} was told that its ${count}. commit is at ${position}; there is ${event?.entity}`);
    }
  }
  return problems;
}

/** Whether the copy holds every event once, in its order. */
export async function checkCopy(events: readonly LoggedEvent[], copy: Store): Promise<string[]> {
  const copies = await readLog(copy);
  const problems = copies.flatMap(({ position, entity, fields }) => {
    const original = events[position - 1];
    const right =
      fields['position'] === position && entity === original?.entity && fields['count'] === original.fields['count'];
    return right ? [] : [`copy ${position} is of ${String(fields['position'])}`];
  });
  if (copies.length !== events.length) problems.push(`${events.length} events, ${copies.length} copies`);
  const counted = (await copy.get(copied, COPIED))?.count;
  if (counted !== events.length) problems.push(`${events.length} events, ${counted} counted`);
  return problems;
}
