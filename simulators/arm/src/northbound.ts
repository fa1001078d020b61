/** The northbound interface: what a routing manager answers to a call below its base path. */
import { badRequest, failure, notFound, ok, unauthorized } from './answer.js';
import type { Answer } from './answer.js';
import type { Call, Listing } from './fault-kind.js';
import type { Strike } from './fault-switches.js';
import type { LocalUsers } from './local-users.js';
import { nodeRecord } from './nodes.js';
import type { Node } from './nodes.js';
import { recordIdOf, registeredUserRecord, slotOf } from './registered-user.js';
import type { RegistrationFilter, Registrations } from './registrations.js';
import type { Sessions } from './sessions.js';
import { LIMIT_DEFAULT, LIMIT_MAXIMUM, parameters, paths } from './wire.js';
import type { ListAnswer, ServerStatusAnswer } from './wire.js';

export interface RoutingManagerState {
  readonly registrations: Registrations;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly localUsers: LocalUsers;
  readonly sessions: Sessions;
  /** Domain of the addresses of record. */
  readonly domain: string;
  readonly now: () => number;
}

export interface ApiRequest {
  readonly method: string;
  /** Below the base path. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  /** Parsed JSON; undefined when there was none or it could not be parsed. */
  readonly body: unknown;
}

/** The call as the faults see it; their page is the one its offset and limit point at. */
export function callOf(request: ApiRequest, state: RoutingManagerState): Call {
  const { registrations, sessions } = state;
  const range = rangeOf(request.query);
  const lists = request.path === paths.registeredUsers && request.method === 'GET' && typeof range !== 'string';
  const { offset, limit } = typeof range === 'string' ? { offset: 0, limit: LIMIT_DEFAULT } : range;
  const filters = [parameters.node, parameters.number, parameters.state];
  return {
    page: lists ? Math.floor(offset / limit) + 1 : undefined,
    offset,
    limit,
    filtered: filters.some((name) => request.query.has(name)),
    registrations,
    sessions,
  };
}

export function answer(
  request: ApiRequest,
  state: RoutingManagerState,
  call: Call,
  strikes: readonly Strike[],
): Answer {
  const { method, path } = request;
  if (path === paths.login) return method === 'POST' ? login(request.body, state.sessions) : notAllowed();
  if (!state.sessions.admits(request.authorization))
    return unauthorized('The credentials are not valid or have expired.');

  const [, collection = '', ...rest] = path.split('/');
  const id = rest.join('/');
  const of = `/${collection}`;
  if (of === paths.users) return users(request, id, state.localUsers);
  if (method !== 'GET') return notAllowed();
  if (path === paths.serverStatus) return ok(serverStatus());
  if (path === paths.registeredUsers) return listRegisteredUsers(request.query, state, call, strikes);
  if (of === paths.registeredUsers) return registeredUser(id, state);
  if (path === paths.nodes) return listed(Array.from(state.nodes.values(), nodeRecord), request.query);
  if (of === paths.nodes) {
    const node = state.nodes.get(id);
    return node ? ok(nodeRecord(node)) : notFound(`node ${id}`);
  }
  return notFound('such resource');
}

function login(body: unknown, sessions: Sessions): Answer {
  const { username, password } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof username !== 'string' || typeof password !== 'string')
    return badRequest('A login needs a username and a password.');
  const session = sessions.login({ username, password });
  return session ? ok(session) : unauthorized('The user name or the password is wrong.');
}

function listRegisteredUsers(
  query: URLSearchParams,
  state: RoutingManagerState,
  call: Call,
  strikes: readonly Strike[],
): Answer {
  const range = rangeOf(query);
  if (typeof range === 'string') return badRequest(range);
  const filter = filterOf(query, state);
  if (typeof filter === 'string') return badRequest(filter);
  const page: Listing = state.registrations.page(range.offset, range.limit, filter);
  const { registrations, total } = strikes.reduce(
    (listing, { fault, kind }) => kind.list?.(fault, listing, call) ?? listing,
    page,
  );
  const records = registrations.map((registration) => registeredUserRecord(registration, state));
  const items = strikes.reduce<unknown[]>((all, { fault, kind }) => kind.records?.(fault, records) ?? all, records);
  const body: ListAnswer<unknown> = { items, total, ...range };
  return ok(body);
}

function registeredUser(id: string, state: RoutingManagerState): Answer {
  const slot = slotOf(id);
  const registration = slot === undefined ? undefined : state.registrations.read(slot);
  if (!registration || recordIdOf(registration.slot) !== id) return notFound(`registered user ${id}`);
  return ok(registeredUserRecord(registration, state));
}

function users({ method, query, body }: ApiRequest, id: string, localUsers: LocalUsers): Answer {
  if (id === '') {
    if (method === 'GET') return listed(localUsers.list(), query);
    return method === 'POST' ? localUsers.create(body) : notAllowed();
  }
  if (method === 'GET') return localUsers.get(id);
  if (method === 'PUT') return localUsers.update(id, body);
  return method === 'DELETE' ? localUsers.remove(id) : notAllowed();
}

function listed(all: readonly unknown[], query: URLSearchParams): Answer {
  const range = rangeOf(query);
  if (typeof range === 'string') return badRequest(range);
  const body: ListAnswer<unknown> = {
    items: all.slice(range.offset, range.offset + range.limit),
    total: all.length,
    ...range,
  };
  return ok(body);
}

/** The range asked for, or what is wrong with it. */
function rangeOf(query: URLSearchParams): { offset: number; limit: number } | string {
  const offset = wholeNumber(query.get(parameters.offset), 0);
  const limit = wholeNumber(query.get(parameters.limit), LIMIT_DEFAULT);
  if (offset === undefined) return `${parameters.offset} must be a whole number from 0.`;
  if (limit === undefined || limit < 1 || limit > LIMIT_MAXIMUM)
    return `${parameters.limit} must be a whole number from 1 to ${LIMIT_MAXIMUM}.`;
  return { offset, limit };
}

function wholeNumber(text: string | null, otherwise: number): number | undefined {
  if (text === null) return otherwise;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function filterOf(query: URLSearchParams, { nodes }: RoutingManagerState): RegistrationFilter | string {
  const nodeId = query.get(parameters.node);
  const user = query.get(parameters.number);
  const state = query.get(parameters.state);
  if (nodeId !== null && !nodes.has(nodeId)) return `There is no node ${nodeId} to filter by.`;
  if (user === '') return `${parameters.number} must not be empty.`;
  if (state !== null && state !== 'ONLINE' && state !== 'OFFLINE')
    return `${parameters.state} must be ONLINE or OFFLINE.`;
  return { ...(nodeId !== null && { nodeId }), ...(user !== null && { user }), ...(state !== null && { state }) };
}

function serverStatus(): ServerStatusAnswer {
  return {
    configurator: { name: 'configurator', version: '9.6', status: 'UP' },
    routers: [{ name: 'router-1', address: '192.0.2.251', status: 'UP' }],
  };
}

function notAllowed(): Answer {
  return failure(405, 'METHOD_NOT_ALLOWED', 'This cannot be done with this resource.');
}
