import { forbidden } from '@numberyard/kit/graph/errors';
import type { Identity } from '@numberyard/kit/identity/identity';
import { hasPower, POWERS, type Power } from './rights.js';

/** @throws GraphQLError FORBIDDEN that names what the caller's key may not do */
export function requirePower(identity: Identity, power: Power): void {
  if (!hasPower(identity, power)) {
    throw forbidden(`This key (${identity.role}) may not ${POWERS[power].title}.`);
  }
}
