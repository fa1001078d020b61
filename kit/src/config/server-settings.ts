/** Settings that whatever listens at a port has in common, and the forms of values they are made of. */
import { LEAST_SECRET_LENGTH } from '../service/signature.js';
import { oneOf, text, type Setting } from './settings.js';

/** Separated by commas; spaces around them do not count. */
export function list(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** An address to be called at, without credentials: those would end up in logs. */
export function httpUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('must be an http or https URL');
  if (url.username !== '' || url.password !== '') throw new Error('must not hold a user name or password');
  return url.href;
}

function origins(value: string): string[] {
  const given = list(value);
  // What a browser sends has no path and no default port; anything else would never match it.
  const isOrigin = (origin: string) => URL.canParse(origin) && new URL(origin).origin === origin;
  if (!given.every(isOrigin)) throw new Error('must be web origins (https://app.example.com) separated by commas');
  return given;
}

function longSecret(value: string): string {
  if (value.length < LEAST_SECRET_LENGTH) throw new Error(`must have at least ${LEAST_SECRET_LENGTH} characters`);
  return value;
}

export const serverSettings = {
  host: {
    name: 'NUMBERYARD_HOST',
    description: 'Address to listen at; `0.0.0.0` for all.',
    fallback: '127.0.0.1',
    parse: text,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    description: 'Least level that is logged.',
    fallback: 'info',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  },
  mode: {
    name: 'NUMBERYARD_MODE',
    description: '`development` shows the messages of unexpected errors to clients; `production` shows the request id.',
    fallback: 'production',
    parse: oneOf('production', 'development'),
  },
  corsOrigins: {
    name: 'NUMBERYARD_CORS_ORIGINS',
    description: 'Web origins that may call from a browser, separated by commas; none by default.',
    fallback: '',
    parse: origins,
  },
  signingSecret: {
    name: 'NUMBERYARD_SIGNING_SECRET',
    description:
      'Secret that gateway and subgraphs share when each is a process of its own: calls between them are signed with it. At least 32 characters.',
    secret: true,
    parse: longSecret,
  },
} as const satisfies Record<string, Setting<unknown>>;
