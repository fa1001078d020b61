/** Inventory numbers: what is stored of one, how it is found, and what is counted. */
import type { LoggedEvent } from '@numberyard/kit/log/event';
import { fieldsOf, type NumberFields } from '@numberyard/schema/events';
import { defineCollection } from '@numberyard/kit/storage/collection';
import { save, type Doc, type Save } from '@numberyard/kit/storage/port';
import { Schema } from 'mongoose';
import { endingOf } from '../domain/ending.js';
import { ancestorsOf } from '../domain/hierarchy.js';
import { kindOf } from '../domain/kind.js';
import type { InventoryNumber, Reservation } from '../domain/number.js';
import { shown, type Shown } from '../domain/status.js';
import { NUMBER_EVENTS } from '../domain/transitions.js';

/** A number with what is derived from it, stored because keys and counters need it; always computed by `shown`. */
export interface NumberDoc extends Doc, InventoryNumber, Shown {
  /** The node it lives at and all above, so that it is found at each. */
  readonly nodes: readonly string[];
  readonly kind: string;
  /** The number from its end. */
  readonly ending: string;
}

const text = { type: String, required: true };

const use = new Schema(
  { source: text, ref: text, usage: text, vendor: String, since: text, connection: String },
  { _id: false },
);
const cooling = new Schema(
  { since: text, releaseDate: text, cause: text, tag: String, vendor: String, connection: String },
  { _id: false },
);
const extra = new Schema({ name: text, value: { type: String } }, { _id: false });
const reservation = new Schema({ notes: String, reservedAt: text, until: String }, { _id: false });

export const numbers = defineCollection<NumberDoc>({
  name: 'numbers',
  schema: new Schema({
    number: text,
    customer: text,
    node: text,
    path: text,
    nodes: [String],
    uses: [use],
    cooling,
    reservation,
    description: String,
    ownTag: String,
    e164: String,
    extras: { type: [extra], default: undefined },
    createdAt: text,
    updatedAt: text,
    status: text,
    usage: [String],
    vendor: String,
    connection: String,
    tag: String,
    releaseDate: String,
    kind: text,
    ending: text,
  }),
  // Every key with `nodes` is written once per ancestor, four times as a rule, so there are only as many as reading needs.
  keys: {
    byNumber: { paths: ['nodes', 'number'] },
    byKind: { paths: ['nodes', 'kind', 'number'] },
    byKindDate: { paths: ['nodes', 'kind', 'releaseDate', 'number'] },
    // The path comes last: it only answers, without reading the number, whether it lies below a node.
    byConnection: { paths: ['connection', 'kind', 'number', 'path'] },
    byConnectionDate: { paths: ['connection', 'kind', 'releaseDate', 'number', 'path'] },
    byDue: { paths: ['releaseDate'] },
    // Ends are strewn over their key, and a sync writes as many pages of it as numbers: two entries a number, not one per ancestor.
    byEnding: { paths: ['ending', 'customer', 'kind', 'number', 'path'] },
    byCustomerEnding: { paths: ['customer', 'ending', 'kind', 'number', 'path'] },
    byTag: { paths: ['tag', 'number', 'customer', 'kind', 'path'] },
    byCustomerTag: { paths: ['customer', 'tag', 'number', 'kind', 'path'] },
    byTagDate: { paths: ['tag', 'releaseDate', 'number', 'customer', 'kind', 'path'] },
    byCustomerTagDate: { paths: ['customer', 'tag', 'releaseDate', 'number', 'kind', 'path'] },
    byE164: { paths: ['customer', 'e164'], unique: true },
  },
  counters: { byKind: { at: 'nodes', by: ['kind'] } },
});

/** Save a number's next state over the version it was read at; 0 for one that is new. */
export function saveNumber(number: InventoryNumber, version: number): Save {
  const derived = shown(number);
  return save(numbers, {
    ...number,
    ...derived,
    version,
    nodes: ancestorsOf(number.path),
    kind: kindOf(derived),
    ending: endingOf(number.number),
  });
}

/** What an event tells of a number: its state after the event. */
export function numberFields(number: InventoryNumber): NumberFields {
  const { status, usage, vendor, tag, releaseDate, connection } = shown(number);
  const { description, e164, reservation } = number;
  return {
    number: number.number,
    customer: number.customer,
    node: number.node,
    status,
    usage,
    vendor: vendor ?? null,
    tag: tag ?? null,
    releaseDate: releaseDate ?? null,
    connection: connection ?? null,
    ...(description !== undefined && { description }),
    ...(e164 !== undefined && { e164 }),
    ...(reservation && { reservation: held(reservation) }),
  };
}

function held({ reservedAt, until }: Reservation): NonNullable<NumberFields['reservation']> {
  return { reservedAt, ...(until !== undefined && { until }) };
}

/** What an event tells of a number; undefined when it is about something else. */
export function numberFieldsOf(event: LoggedEvent): NumberFields | undefined {
  const type = NUMBER_EVENTS.find((each) => each === event.type);
  return type && fieldsOf(event, type);
}
