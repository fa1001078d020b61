import type { Refusal } from '@numberyard/kit/graph/refusal';

/** Codes of the refusals of this subgraph; the contract lists them for clients. */
export type RefusalCode =
  | 'INVALID'
  | 'OUT_OF_RANGE'
  | 'REQUIRED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'WRONG_NODE_TYPE'
  | 'RUN_ACTIVE'
  | 'RUN_ENDED'
  | 'IDEMPOTENCY_KEY_REUSED'
  | DeviceErrorCode;

/** What can be wrong with a Routing Manager when it is dialled. */
export type DeviceErrorCode =
  'HOST_UNREACHABLE' | 'CREDENTIALS_REFUSED' | 'CERTIFICATE_REFUSED' | 'ADDRESS_NOT_ALLOWED' | 'UNEXPECTED_ANSWER';

/** The field of the connection to put right when its Routing Manager cannot be used. */
export const FIELD_TO_PUT_RIGHT: Readonly<Record<DeviceErrorCode, string>> = {
  HOST_UNREACHABLE: 'routingManager',
  CREDENTIALS_REFUSED: 'password',
  CERTIFICATE_REFUSED: 'tlsVerify',
  ADDRESS_NOT_ALLOWED: 'routingManager',
  UNEXPECTED_ANSWER: 'routingManager',
};

export type ConnectionsRefusal = Refusal<RefusalCode>;

/** What does not exist and what the caller may not see are told the same. */
export function notFound(what: string, field: string): ConnectionsRefusal {
  return { code: 'NOT_FOUND', message: `There is no such ${what}.`, field };
}

export const runActive: ConnectionsRefusal = {
  code: 'RUN_ACTIVE',
  message: 'The connection has a run that has not ended; wait for it or cancel it.',
};

export function nodeRetired(field: string): ConnectionsRefusal {
  const message =
    'The node of the connection is retired: nobody is mirrored any more; purge and deletion go on working.';
  return { code: 'WRONG_NODE_TYPE', message, field };
}
