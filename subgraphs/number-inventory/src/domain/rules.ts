/** What a caller may ask of a number in its present state. */
import type { NumberUse, InventoryNumber } from './number.js';
import { AUDIOCODES } from './number.js';
import { reason, type Reason } from './refusals.js';
import { shown } from './status.js';

const SPOKEN: Readonly<Record<string, string>> = {
  AVAILABLE: 'Available',
  USED: 'Used',
  USED_UTILITY: 'Used-Utility',
  RESERVED: 'Reserved',
  COOLING: 'Cooling',
};

/** Only Available numbers are handed out, reserved or deleted ("A cooled number cannot be re-used until the period elapses", Number Cooling). */
export function mustBeAvailable(number: InventoryNumber, field: string): Reason | undefined {
  const { status } = shown(number);
  if (status === 'AVAILABLE') return undefined;
  return reason('NUMBER_NOT_AVAILABLE', `${number.number} is ${SPOKEN[status] ?? status}, not Available.`, field);
}

export function mustBeReserved(number: InventoryNumber, field: string): Reason | undefined {
  if (number.reservation) return undefined;
  return reason('NUMBER_NOT_RESERVED', `${number.number} is not Reserved.`, field);
}

export function mustBeCooling(number: InventoryNumber, field: string): Reason | undefined {
  if (shown(number).status === 'COOLING') return undefined;
  return reason('NUMBER_NOT_COOLING', `${number.number} is not Cooling.`, field);
}

/** A number stays in its customer, which is part of what it is. */
export function mustBelongTo(customer: string, number: InventoryNumber, field: string): Reason | undefined {
  if (number.customer === customer) return undefined;
  return reason('OTHER_CUSTOMER', `${number.number} belongs to another customer than the node.`, field);
}

/**
 * The assignments a release ends. What a device uses only the device gives up: its number is "not available to assign to subscribers during number
 * management" (AudioCodes Device Number Integration). What a service uses goes with the service, at the next audit.
 * @param ref only the assignment with this reference
 */
export function assignmentsToRelease(
  number: InventoryNumber,
  ref: string | undefined,
): { readonly uses: readonly NumberUse[] } | { readonly refusal: Reason } {
  const meant = number.uses.filter((use) => ref === undefined || use.ref === ref);
  const uses = meant.filter((use) => use.source === 'ASSIGNMENT');
  if (uses.length > 0) return { uses };
  if (meant.length > 0) {
    const isDevice = meant.some((use) => use.source === 'REGISTERED_USER');
    const message = isDevice
      ? `A device owns ${number.number}; only the device can give it up.`
      : `A service uses ${number.number}; delete the service, and the next audit frees the number.`;
    return { refusal: reason('NUMBER_OWNED_BY_DEVICE', message, 'id') };
  }
  const [message, field] =
    ref === undefined
      ? [`${number.number} has no assignment.`, 'id']
      : [`${number.number} has no assignment with this reference.`, 'ref'];
  return { refusal: reason('NUMBER_NOT_ASSIGNED', message, field) };
}

/** Numbers of AudioCodes devices come from a sync alone, so an assignment cannot claim that vendor. */
export function vendorProblem(vendor: string | null | undefined): Reason[] {
  if (vendor?.trim().toLowerCase() !== AUDIOCODES.toLowerCase()) return [];
  return [reason('INVALID', `Numbers of the vendor ${AUDIOCODES} are taken by devices, not assigned.`, 'vendor')];
}
