/** Reading the event log. */
import type { EntityRead, EventLog, LogBatch, LoggedEvent, LogRead, LogState, Retention } from '../../log/event.js';
import { PAGE_LIMIT, StoreError } from '../port.js';
import type { Meta } from './meta.js';
import type { Reader } from './reader.js';

/** Most positions one read walks, so that a rare type cannot hold it for long. */
const WALK = 20_000;

interface LogRow {
  readonly position: number;
  readonly type: string;
  readonly retention: Retention;
  readonly entity: string;
  readonly time: string;
  readonly body: string;
}

const FIELDS = 'position, type, retention, entity, time, body';

export class EmbeddedLog implements EventLog {
  readonly #reader: Reader;
  readonly #meta: Meta;
  readonly #check: () => void;
  readonly #listeners = new Set<() => void>();

  /** @param check throws when the store is closed */
  constructor(reader: Reader, meta: Meta, check: () => void) {
    this.#reader = reader;
    this.#meta = meta;
    this.#check = check;
  }

  async state(): Promise<LogState> {
    this.#check();
    return this.#meta.logState();
  }

  async read({ after, types, limit }: LogRead): Promise<LogBatch> {
    this.#check();
    checkLimit(limit);
    return this.#reader.snapshot(() => {
      const end = Math.min(this.#meta.logState().head, after + WALK);
      if (end <= after) return { events: [], upTo: after };
      const { sql, values } = ofTypes(types);
      const rows = this.#reader
        .statement(`SELECT ${FIELDS} FROM log WHERE position > ? AND position <= ?${sql} ORDER BY position LIMIT ?`)
        .all(after, end, ...values, limit) as LogRow[];
      const events = rows.map(eventOf);
      return { events, upTo: events.length === limit ? (events.at(-1)?.position ?? end) : end };
    });
  }

  async ofEntity(entity: string, { limit, before, until, types }: EntityRead): Promise<LoggedEvent[]> {
    this.#check();
    checkLimit(limit);
    const { sql, values } = ofTypes(types);
    const bounds: (string | number)[] = [entity, before ?? Number.MAX_SAFE_INTEGER];
    if (until !== undefined) bounds.push(until);
    const rows = this.#reader
      .statement(
        `SELECT ${FIELDS} FROM log WHERE entity = ? AND position < ?${until === undefined ? '' : ' AND time <= ?'}${sql}
         ORDER BY position DESC LIMIT ?`,
      )
      .all(...bounds, ...values, limit) as LogRow[];
    return rows.map(eventOf);
  }

  onAppend(listener: () => void): () => void {
    // Wrapped, so that a listener given twice rings twice and each is taken off by its own function.
    const bell = () => listener();
    this.#listeners.add(bell);
    return () => this.#listeners.delete(bell);
  }

  ring(): void {
    for (const bell of this.#listeners) bell();
  }

  silence(): void {
    this.#listeners.clear();
  }
}

function ofTypes(types: readonly string[] | undefined): { sql: string; values: readonly string[] } {
  return types ? { sql: ` AND type IN (${types.map(() => '?').join(', ')})`, values: types } : { sql: '', values: [] };
}

function eventOf({ body, ...row }: LogRow): LoggedEvent {
  return { ...row, ...(JSON.parse(body) as Pick<LoggedEvent, 'path' | 'actor' | 'fields'>) };
}

function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_LIMIT) {
    throw new StoreError('INVALID', `A log read is of 1 to ${PAGE_LIMIT} events.`);
  }
}
