/** Users of the routing manager's own directory. Those read from elsewhere can be seen and not changed. */
import { badRequest, failure, notFound, ok } from './answer.js';
import type { Answer } from './answer.js';
import type { LocalUserRecord } from './wire.js';

export class LocalUsers {
  readonly #users = new Map<string, LocalUserRecord>();
  #lastId = 0;

  constructor(users: readonly Omit<LocalUserRecord, 'id'>[]) {
    for (const user of users) this.#keep(user);
  }

  list(): LocalUserRecord[] {
    return [...this.#users.values()];
  }

  get(id: string): Answer {
    const user = this.#users.get(id);
    return user ? ok(user) : notFound(`user ${id}`);
  }

  create(body: unknown): Answer {
    const given = parse(body);
    if (!given?.name || given.number === undefined) return badRequest('A user needs a name and a number.');
    const taken = this.#taken(given.name, undefined);
    return taken ?? { status: 201, body: this.#keep({ name: given.name, number: given.number, origin: 'LOCAL' }) };
  }

  update(id: string, body: unknown): Answer {
    const user = this.#users.get(id);
    if (!user) return notFound(`user ${id}`);
    if (user.origin !== 'LOCAL') return notLocal(user);
    const given = parse(body);
    if (!given) return badRequest('A user has a name and a number, both text.');
    const taken = this.#taken(given.name ?? user.name, id);
    if (taken) return taken;
    const changed = { ...user, ...given };
    this.#users.set(id, changed);
    return ok(changed);
  }

  remove(id: string): Answer {
    const user = this.#users.get(id);
    if (!user) return notFound(`user ${id}`);
    if (user.origin !== 'LOCAL') return notLocal(user);
    this.#users.delete(id);
    return { status: 204 };
  }

  #keep(user: Omit<LocalUserRecord, 'id'>): LocalUserRecord {
    this.#lastId += 1;
    const kept = { id: `u${this.#lastId}`, ...user };
    this.#users.set(kept.id, kept);
    return kept;
  }

  #taken(name: string, except: string | undefined): Answer | undefined {
    for (const user of this.#users.values())
      if (user.name === name && user.id !== except)
        return failure(409, 'ALREADY_EXISTS', `There is a user ${name} already.`);
    return undefined;
  }
}

function notLocal(user: LocalUserRecord): Answer {
  return failure(403, 'NOT_EDITABLE', `User ${user.name} is kept by ${user.origin} and cannot be changed here.`);
}

function parse(body: unknown): { name?: string; number?: string } | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { name, number } = body as Record<string, unknown>;
  if (name !== undefined && (typeof name !== 'string' || name === '')) return undefined;
  if (number !== undefined && typeof number !== 'string') return undefined;
  return { ...(name !== undefined && { name }), ...(number !== undefined && { number }) };
}
