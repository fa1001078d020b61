import { decide } from '@numberyard/kit/commands/decide';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { checkTiming, nextDue } from '@numberyard/kit/schedule/timing';
import { save } from '@numberyard/kit/storage/port';
import { checkItemName, type Schedule } from '../domain/items.js';
import { nodeRetired, notFound, type RefusalCode } from '../domain/refusals.js';
import { schedules } from '../models/items.js';
import { connectionSaved, given } from './connection-events.js';
import { nowOf, toldBy, type CommandContext } from './context.js';
import { findItem } from './find-connection.js';
import { stored } from './queue-run.js';
import { isAtRetiredNode } from './retired-node.js';

/** Absent fields stay as they are. */
export interface UpdateScheduleInput {
  readonly id: string;
  readonly name?: string;
  readonly cron?: string;
  readonly timeZone?: string;
  readonly enabled?: boolean;
}

/** Change a schedule; with other times its next run is computed from now. */
export async function updateSchedule(
  context: CommandContext,
  identity: Identity,
  input: UpdateScheduleInput,
): Promise<Outcome<Schedule, RefusalCode>> {
  const { store, clock } = context;
  const outcome = await decide<Outcome<Schedule, RefusalCode>>(store, async () => {
    const found = await findItem(store, schedules, input.id, identity);
    if (!found) return { value: refused(notFound('schedule', 'id')) };
    const { item: old, connection } = found;
    const { name = old.name, timeZone = old.timeZone, enabled = old.enabled } = input;
    const cron = (input.cron ?? old.cron).trim();
    const refusals = [...checkItemName(name), ...checkTiming(cron, timeZone, clock.now())];
    if (refusals.length > 0) return { value: refused(...refusals) };
    if (input.enabled && (await isAtRetiredNode(store, connection))) return { value: refused(nodeRetired('enabled')) };
    const { nextRunAt: before, ...rest } = old;
    const sameTimes = enabled === old.enabled && cron === old.cron && timeZone === old.timeZone;
    // A new name must not put off a run that is due.
    const isDue = sameTimes && before !== undefined && before <= nowOf(context);
    const next = enabled ? nextDue(cron, timeZone, clock.now()) : undefined;
    const nextRunAt = isDue ? before : next;
    const changed: Schedule = { ...rest, name, cron, timeZone, enabled, ...(nextRunAt ? { nextRunAt } : {}) };
    return {
      value: done(stored(changed)),
      commit: {
        save: [save(schedules, changed)],
        events: [connectionSaved(connection, given(input, 'schedule'), toldBy(context, identity))],
      },
    };
  });
  if (outcome.ok) context.bells.scheduleChanged();
  return outcome;
}
