import { describe, expect, it } from 'vitest';
import { checkCursor, CursorError, formatCursor } from '../../src/log/cursor.js';
import type { Retention } from '../../src/log/event.js';

const state = { epoch: 'e1', head: 100, floors: { history: 0, passing: 40 } };

function problem(cursor: string, ...retentions: Retention[]): unknown {
  try {
    return checkCursor(cursor, state, retentions);
  } catch (error) {
    return error instanceof CursorError ? error.code : error;
  }
}

describe('checkCursor', () => {
  it('answers the position to go on after, up to the head', () => {
    expect(problem(formatCursor('e1', 0), 'history')).toBe(0);
    expect(problem(formatCursor('e1', 100), 'history', 'passing')).toBe(100);
  });

  it('tells events that are gone only to who reads their kind', () => {
    expect(problem('e1.39', 'history')).toBe(39);
    expect(problem('e1.39', 'history', 'passing')).toBe('CURSOR_EXPIRED');
    expect(problem('e1.40', 'passing')).toBe(40);
  });

  it.each(['e1.101', 'e1.9999999999999999'])('takes %s to be ahead', (cursor) => {
    expect(problem(cursor)).toBe('CURSOR_AHEAD');
  });

  it('takes another epoch for foreign, whatever the position', () => {
    expect(problem('e2.5')).toBe('CURSOR_FOREIGN_EPOCH');
    expect(problem('e2.500')).toBe('CURSOR_FOREIGN_EPOCH');
  });

  it.each(['', 'e1', 'e1.', '.5', 'e1.-1', 'e1.1.5', 'e1.05', 'e1.1e2', 'e1. 5', 'e1.5\n', '5', 'e 1.5'])(
    'takes %j for no cursor',
    (cursor) => {
      expect(problem(cursor)).toBe('CURSOR_INVALID');
    },
  );
});
