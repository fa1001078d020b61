/** How many services of a customer use one number: so many that what an audit hands over of it, and what the number keeps of them, stays of a size. */
import type { Store } from '@numberyard/kit/storage/port';
import type { NumberService } from '../../domain/number-service.js';
import type { AuditRefusal } from '../../domain/refusals.js';
import { servicesOfNumbers } from '../run/services-of.js';

/** Two that come at the same instant may be one more. */
const MOST_SHARING = 1_000;

export class Sharing {
  readonly #counts = new Map<string, number>();

  /** Of the numbers that these would have. @param wanted at most 500 */
  static async of(store: Store, wanted: readonly NumberService[]): Promise<Sharing> {
    const sharing = new Sharing();
    for (const customer of new Set(wanted.map((service) => service.customer))) {
      const theirs = wanted.filter((service) => service.customer === customer);
      const numbers = [...new Set(theirs.map(({ number }) => number))];
      for (const here of (await servicesOfNumbers(store, customer, numbers)).values())
        for (const service of here) sharing.#count(service, 1);
    }
    return sharing;
  }

  /** Why a service cannot have its number, if so. @param before as it is, of one that exists */
  problems(service: NumberService, before?: NumberService): AuditRefusal[] {
    if (before?.number === service.number || (this.#counts.get(numberOf(service)) ?? 0) < MOST_SHARING) return [];
    const message = `At most ${MOST_SHARING} services of a customer share a number.`;
    return [{ code: 'OUT_OF_RANGE', message, field: 'number' }];
  }

  /** A service has its number from now on, and no more the one it had. */
  take(service: NumberService, before?: NumberService): void {
    if (before) this.#count(before, -1);
    this.#count(service, 1);
  }

  #count(service: NumberService, by: 1 | -1): void {
    const number = numberOf(service);
    this.#counts.set(number, (this.#counts.get(number) ?? 0) + by);
  }
}

function numberOf({ customer, number }: NumberService): string {
  return `${customer}\n${number}`;
}
