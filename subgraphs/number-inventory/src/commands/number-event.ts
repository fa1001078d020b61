/** The event that tells of a number's change. */
import type { NewEvent } from '@numberyard/kit/log/event';
import { entity, event } from '@numberyard/schema/events';
import type { InventoryNumber } from '../domain/number.js';
import type { NumberEventType } from '../domain/transitions.js';
import { numberFields } from '../models/number.js';
import type { By } from './context.js';

/** @param number its state after the event; for a deletion the last one */
export function numberEvent(type: NumberEventType, number: InventoryNumber, by: By, time: string): NewEvent {
  return event(type, numberFields(number), {
    retention: 'history',
    entity: entity.number(number.id),
    path: number.path,
    time,
    ...by,
  });
}
