/** Where a stream stands, as its payloads tell: `cursor` is `epoch.position`. */
export interface Position {
  readonly epoch: string;
  readonly position: number;
}

/** @returns undefined for anything that is no cursor of this form */
export function positionOf(cursor: unknown): Position | undefined {
  const match = typeof cursor === 'string' ? /^(.+)\.(\d{1,16})$/.exec(cursor) : null;
  return match?.[1] === undefined ? undefined : { epoch: match[1], position: Number(match[2]) };
}

/** Whether `a` is `b` or later; positions of different epochs cannot be told apart, so neither is. */
export function hasReached(a: Position, b: Position): boolean {
  return a.epoch === b.epoch && a.position >= b.position;
}
