/** A MongoDB URI as an operator gives it. */
import { StoreError } from '../port.js';

export interface MongoAddress {
  /** Host names and ports as given; safe to show, unlike the URI. */
  readonly hosts: string;
  /** What the names of the databases begin with. */
  readonly prefix: string;
  readonly hasUser: boolean;
  readonly hasAuthSource: boolean;
}

const DEFAULT_PREFIX = 'numberyard';
const FORM = /^mongodb(?:\+srv)?:\/\/(?:(?<user>[^@/]*)@)?(?<hosts>[^@/?]+)(?:\/(?<path>[^?]*))?(?:\?(?<query>.*))?$/;
/** Names, addresses or sockets, with ports: a password that strayed here, because an @ is missing, is none of them. */
const HOST = /^(?:(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?|%2F[A-Za-z0-9._%-]+\.sock)$/i;

/** Take a URI apart. @throws StoreError INVALID, without the URI in its message, which may hold a password */
export function parseMongoUri(uri: string): MongoAddress {
  const match = FORM.exec(uri.trim());
  if (!match?.groups?.['hosts']?.split(',').every((host) => HOST.test(host))) {
    throw new StoreError(
      'INVALID',
      'The MongoDB URI is not of the form mongodb://[user:password@]host[:port],…/[prefix]?replicaSet=NAME ' +
        '(in user and password write : / ? # [ ] @ % as %3A %2F %3F %23 %5B %5D %40 %25).',
    );
  }
  const { user, hosts = '', path = '', query = '' } = match.groups ?? {};
  const prefix = path === '' ? DEFAULT_PREFIX : path;
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,37}$/.test(prefix)) {
    throw new StoreError(
      'INVALID',
      'The path of the MongoDB URI begins the names of the databases: at most 38 letters, digits, - and _.',
    );
  }
  return { hosts, prefix, hasUser: user !== undefined, hasAuthSource: /(^|&)authSource=/i.test(query) };
}

/** Name of a subgraph's database: the URI's path, `numberyard` when it has none, and the subgraph's name. */
export function databaseName({ prefix }: MongoAddress, store: string): string {
  return `${prefix}_${store.replaceAll('-', '_')}`;
}
