/** Reads what the routing manager says, field by field. What we do not use may look as it likes. */
import { RoutingManagerError } from './routing-manager-error.js';
import * as wire from './wire.js';

export interface RegisteredUserRecord {
  /** The routing manager's own id of the registration. */
  readonly id: string;
  /** Address of record. */
  readonly aor: string;
  readonly nodeId: string;
  readonly nodeName: string;
  readonly state: 'ONLINE' | 'OFFLINE';
}

/** A session border controller as the routing manager knows it. */
export interface NodeRecord {
  readonly id: string;
  readonly name: string;
  /** Locked or out of sync: what is said about its users is not news. */
  readonly frozen: boolean;
}

export interface Listing<Item> {
  readonly items: readonly Item[];
  readonly total: number;
  readonly offset: number;
}

type Json = Readonly<Record<string, unknown>>;

/** @throws RoutingManagerError UNEXPECTED_ANSWER naming the field that is not of its form; so do all below */
export function parseRegisteredUser(value: unknown, where: string): RegisteredUserRecord {
  const { registeredUser: names } = wire;
  const record = object(value, where);
  const state = record[names.state];
  if (state !== names.online && state !== names.offline) throw wrong(`${where}.${names.state}`);
  return {
    id: idOf(record, names.id, where),
    aor: text(record, names.aor, where, 512),
    nodeId: idOf(record, names.nodeId, where),
    nodeName: text(record, names.nodeName, where, 256),
    state: state === names.online ? 'ONLINE' : 'OFFLINE',
  };
}

export function parseNode(value: unknown, where: string): NodeRecord {
  const { node: names } = wire;
  const record = object(value, where);
  const operationState = text(record, names.operationState, where, 64);
  const adminState = text(record, names.adminState, where, 64);
  return {
    id: idOf(record, names.id, where),
    name: text(record, names.name, where, 256),
    frozen: operationState !== names.inSync || adminState === names.locked,
  };
}

/** A page of a listing, which must be the one asked for and hold no more than was asked for. */
export function parseListing<Item>(
  value: unknown,
  asked: { readonly what: string; readonly offset: number; readonly limit: number },
  parseItem: (value: unknown, where: string) => Item,
): Listing<Item> {
  const { list: names } = wire;
  const body = object(value, asked.what);
  const items = body[names.items];
  if (!Array.isArray(items) || items.length > asked.limit) throw wrong(`${asked.what}.${names.items}`);
  if (body[names.offset] !== asked.offset) throw wrong(`${asked.what}.${names.offset}`);
  const total = body[names.total];
  if (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 0)
    throw wrong(`${asked.what}.${names.total}`);
  return {
    items: items.map((item, index) => parseItem(item, `${asked.what}.${names.items}[${index}]`)),
    total,
    offset: asked.offset,
  };
}

/** How many routers the routing manager has. */
export function parseServerStatus(value: unknown): { readonly routers: number } {
  const { serverStatus: names } = wire;
  const body = object(value, 'server status');
  object(body[names.configurator], `server status.${names.configurator}`);
  const routers = body[names.routers];
  if (!Array.isArray(routers)) throw wrong(`server status.${names.routers}`);
  return { routers: routers.length };
}

/** The token of a session. It will stand in a header, so it must not be able to end one. */
export function parseToken(value: unknown): string {
  const token = object(value, 'login')[wire.login.token];
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,4096}$/.test(token)) throw wrong(`login.${wire.login.token}`);
  return token;
}

/** Whether the routing manager itself says that the thing is not there, rather than a proxy that knows no such page. */
export function saysNotFound(value: unknown): boolean {
  return isObject(value) && value[wire.failure.code] === wire.failure.notFound;
}

/** An id stands in a path, which it must not be able to lead elsewhere; encoding does not help against dots. */
function idOf(record: Json, name: string, where: string): string {
  const id = text(record, name, where, 128);
  if (id === '.' || id === '..') throw wrong(`${where}.${name}`);
  return id;
}

/** Half a character and the zero character are kept by no database and sent by no URL as they are. */
const UNFIT = /[\0\p{Cs}]/u;

function text(record: Json, name: string, where: string, longest: number): string {
  const value = record[name];
  if (typeof value !== 'string' || value === '' || value.length > longest || UNFIT.test(value))
    throw wrong(`${where}.${name}`);
  return value;
}

function object(value: unknown, where: string): Json {
  if (!isObject(value)) throw wrong(where);
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(field: string): RoutingManagerError {
  return new RoutingManagerError(
    'UNEXPECTED_ANSWER',
    `The answer is not of the form a routing manager's is: ${field}. Check that the address is that of an AudioCodes Routing Manager.`,
  );
}
