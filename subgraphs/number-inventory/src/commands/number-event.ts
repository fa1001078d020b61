/** The event that tells of a number's change. */
import type { NewEvent } from '@numberyard/kit/log/event';
import { entity, event } from '@numberyard/schema/events';
import type { InventoryNumber } from '../domain/number.js';
import type { NumberEventType } from '../domain/transitions.js';
import { numberFields } from '../models/number.js';
import type { By } from './context.js';

/**
 * @param number its state after the event; for a deletion the last one
 * @param pathBefore where it lived before, so that those it moves away from are told
 */
export function numberEvent(
  type: NumberEventType,
  number: InventoryNumber,
  by: By,
  time: string,
  pathBefore: string = number.path,
): NewEvent {
  return event(type, numberFields(number), {
    retention: 'history',
    entity: entity.number(number.id),
    path: number.path,
    ...(pathBefore !== number.path && { pathBefore }),
    time,
    ...by,
  });
}
