/**
 * What goes over the wire. The vendor's wire format is not public, so this is our own contract: every path, parameter and field name
 * of the northbound interface stands in this file and nowhere else.
 */

export const DEFAULT_BASE_PATH = '/ARM/v1';

/** Paths below the base path. */
export const paths = {
  login: '/login',
  registeredUsers: '/registeredUsers',
  nodes: '/nodes',
  serverStatus: '/servers/status',
  users: '/users',
} as const;

/** Query parameters of a listing. */
export const parameters = {
  offset: 'offset',
  limit: 'limit',
  node: 'nodeId',
  number: 'number',
  state: 'state',
} as const;

export const LIMIT_DEFAULT = 100;
export const LIMIT_MAXIMUM = 1000;

export type RegistrationState = 'ONLINE' | 'OFFLINE';

export interface RegisteredUserRecord {
  id: string;
  /** User part of the address of record. */
  user: string;
  /** `sip:user@domain` */
  aor: string;
  contact: string;
  nodeId: string;
  nodeName: string;
  ipGroup: string;
  /** ISO 8601, like every instant here. */
  registeredAt: string;
  expiresAt: string;
  state: RegistrationState;
  lastUpdated: string;
}

export interface NodeRecord {
  id: string;
  name: string;
  address: string;
  productType: string;
  operationState: 'AVAILABLE' | 'OUT_OF_SYNC';
  adminState: 'UNLOCKED' | 'LOCKED';
}

export interface LocalUserRecord {
  id: string;
  name: string;
  number: string;
  /** Users of any origin but LOCAL are kept elsewhere and cannot be changed here. */
  origin: 'LOCAL' | 'LDAP' | 'AZURE_AD' | 'FILE';
}

export interface LoginRequest {
  username: string;
  password: string;
}

export interface LoginAnswer {
  token: string;
  /** Seconds. */
  expiresIn: number;
}

export interface ListAnswer<Item> {
  items: Item[];
  total: number;
  offset: number;
  limit: number;
}

export interface ServerStatusAnswer {
  configurator: { name: string; version: string; status: 'UP' };
  routers: { name: string; address: string; status: 'UP' }[];
}

export interface ErrorAnswer {
  code: string;
  message: string;
  details?: Record<string, unknown>;
}
