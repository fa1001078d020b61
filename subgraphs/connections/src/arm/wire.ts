/**
 * Names on the wire of the routing manager's northbound interface. The vendor's own are not public: should they differ, this file
 * changes and nothing else.
 */

export const DEFAULT_BASE_PATH = '/ARM/v1';

/** Paths below the base path. */
export const paths = {
  login: '/login',
  registeredUsers: '/registeredUsers',
  nodes: '/nodes',
  serverStatus: '/servers/status',
} as const;

export const parameters = { offset: 'offset', limit: 'limit' } as const;

/** The most a page may be asked to hold. */
export const PAGE_SIZE = 1000;

export const login = { username: 'username', password: 'password', token: 'token' } as const;

export const list = { items: 'items', total: 'total', offset: 'offset' } as const;

export const registeredUser = {
  id: 'id',
  aor: 'aor',
  nodeId: 'nodeId',
  nodeName: 'nodeName',
  state: 'state',
  online: 'ONLINE',
  offline: 'OFFLINE',
} as const;

export const node = {
  id: 'id',
  name: 'name',
  operationState: 'operationState',
  inSync: 'AVAILABLE',
  adminState: 'adminState',
  locked: 'LOCKED',
} as const;

export const serverStatus = { configurator: 'configurator', routers: 'routers' } as const;

/** Code in the body of an answer that says that the thing asked for is not there. */
export const failure = { code: 'code', notFound: 'NOT_FOUND' } as const;
