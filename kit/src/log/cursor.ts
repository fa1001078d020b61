/** Cursors of a log: `epoch.position`. The epoch tells one database from its successor after a restore. */
import type { LogState, Retention } from './event.js';

export type CursorProblem = 'CURSOR_INVALID' | 'CURSOR_FOREIGN_EPOCH' | 'CURSOR_AHEAD' | 'CURSOR_EXPIRED';

/** Thrown where a cursor cannot be gone on from; the reader has to start over. Never silently skipped. */
export class CursorError extends Error {
  readonly code: CursorProblem;
  constructor(code: CursorProblem, message: string) {
    super(message);
    this.name = 'CursorError';
    this.code = code;
  }
}

export function formatCursor(epoch: string, position: number): string {
  return `${epoch}.${position}`;
}

/**
 * The position a reader may go on after.
 * @param retentions the kinds of events it reads: below the floor of one of them it has missed some
 * @throws CursorError
 */
export function checkCursor(cursor: string, state: LogState, retentions: readonly Retention[]): number {
  const match = /^([A-Za-z0-9_-]+)\.(0|[1-9]\d{0,15})$/.exec(cursor);
  if (!match) throw new CursorError('CURSOR_INVALID', 'The cursor is not of the form epoch.position.');
  const position = Number(match[2]);
  if (match[1] !== state.epoch)
    throw new CursorError(
      'CURSOR_FOREIGN_EPOCH',
      'The cursor is of another epoch: the log was replaced. Start over without a cursor.',
    );
  if (position > state.head)
    throw new CursorError('CURSOR_AHEAD', 'The cursor is ahead of the log. Start over without a cursor.');
  for (const retention of retentions) {
    if (position < state.floors[retention])
      throw new CursorError(
        'CURSOR_EXPIRED',
        'Events after this cursor are no longer kept. Start over without a cursor.',
      );
  }
  return position;
}
