/** Who calls: made once at the gateway's edge, passed on unchanged (in process as this object, between processes signed). */
export interface Identity {
  /** Id of the API key; the actor of every event the caller causes. */
  readonly id: string;
  readonly label: string;
  readonly role: string;
  /** Separate rights granted beside the role. */
  readonly rights: readonly string[];
  /** Hierarchy node the caller belongs to; it sees this node and what is below. */
  readonly node: string;
  /** The node's path: ids joined by dots. */
  readonly path: string;
}

/** Equal for callers who may see and do exactly the same, so that one answer can serve them all. */
export function scopeOf(identity: Identity): string {
  return JSON.stringify([identity.role, [...identity.rights].sort(), identity.path]);
}

/** Whether `path` is `root` itself or lies below it. */
export function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}.`);
}
