/** A number as an audit looks at it ("Audit Number Inventory"). */
import { createHash } from 'node:crypto';
import { kindOf } from './kind.js';
import type { InventoryNumber } from './number.js';
import { shown, type Shown } from './status.js';

/** A number with what is stored of what follows from it. */
export type StoredNumber = InventoryNumber & Pick<Shown, 'status' | 'usage' | 'vendor'>;

/** Whether status, usage and vendor, as stored, are what follows from the uses. */
export function isConsistent(number: StoredNumber): boolean {
  return kindOf(shown(number)) === kindOf(number);
}

/**
 * A short text that changes whenever something does that an audit judges by: the uses, cooling, reservation and node of the number, and what is stored of its
 * status. What is free to edit is not in it.
 */
export function markOf(number: StoredNumber): string {
  const { node, uses, cooling, reservation } = number;
  const judged = [
    node,
    kindOf(number),
    uses.map(({ source, ref, usage, vendor, connection }) => [source, ref, usage, vendor, connection]),
    cooling && [cooling.since, cooling.releaseDate],
    reservation && [reservation.reservedAt, reservation.until],
  ];
  return createHash('sha1').update(JSON.stringify(judged)).digest('base64url').slice(0, 16);
}
