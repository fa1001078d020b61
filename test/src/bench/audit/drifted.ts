/** A large inventory of which a known part has drifted from what uses its numbers; the nth number is always the same. */
import type { NumberService } from '@numberyard/audit/domain/number-service';
import type { RegisteredUser } from '@numberyard/connections/domain/registered-user';
import type { InventoryNumber } from '@numberyard/number-inventory/domain/number';
import {
  deviceUse,
  inventoryNumber,
  numberService,
  registeredUser,
  serviceUse,
  SINCE,
  type Place,
} from '../../audit/documents.js';

export interface DriftedSize {
  readonly numbers: number;
  /** Numbers that an audit corrects, of four kinds in equal parts. */
  readonly differences: number;
  /** Numbers that every audit finds anew and leaves alone: Cooling or Reserved, and in use. */
  readonly standing: number;
}

export interface DriftedPlaces {
  readonly customer: Place;
  readonly sites: readonly Place[];
  readonly connection: string;
}

/** One number and what there is about it. */
export interface Drifted {
  readonly number?: InventoryNumber;
  readonly user?: RegisteredUser;
  readonly service?: NumberService;
}

/** Far ahead, so that nothing ends while the bench runs. */
const LATER = '2099-01-01T00:00:00.000Z';

export function driftedAt(index: number, { numbers, differences, standing }: DriftedSize, at: DriftedPlaces): Drifted {
  const number = `+49${3_000_000_000 + index}`;
  const place = index % 5 === 0 ? at.customer : (at.sites[index % at.sites.length] ?? at.customer);
  const device = () => registeredUser(at.connection, `user${index}`, number);
  const service = (kind: 'HUNT_PILOT' | 'TEAMS_USER') => numberService(place, kind, number, `service ${index}`);
  const had = (state: Partial<InventoryNumber> = {}) => inventoryNumber(place, number, state);
  const apart = Math.floor(numbers / differences);
  if (index % apart === apart - 1) {
    const nth = Math.floor(index / apart);
    if (nth < differences) return difference(nth, device, service, had);
  }
  const wide = Math.floor(numbers / standing);
  if (index % wide === 0 && index / wide < standing) {
    const held: Partial<InventoryNumber> =
      (index / wide) % 2 === 0
        ? { reservation: { reservedAt: SINCE } }
        : { cooling: { since: SINCE, releaseDate: LATER, cause: 'MANUAL' } };
    return { number: had(held), service: service('HUNT_PILOT') };
  }
  const part = (index * 31) % 100;
  if (part < 35) return { number: had() };
  if (part < 85) {
    const user = device();
    return { number: had({ uses: [deviceUse(user)] }), user };
  }
  if (part < 95) {
    const teams = service('TEAMS_USER');
    return { number: had({ uses: [serviceUse(teams)] }), service: teams };
  }
  if (part < 97) return { number: had({ reservation: { reservedAt: SINCE } }) };
  return { number: had({ cooling: { since: SINCE, releaseDate: LATER, cause: 'MANUAL' } }) };
}

/** To be created, to be Used, to be cooled, or with a wrong usage. */
function difference(
  nth: number,
  device: () => RegisteredUser,
  service: (kind: 'HUNT_PILOT') => NumberService,
  had: (state?: Partial<InventoryNumber>) => InventoryNumber,
): Drifted {
  const kind = nth % 4;
  if (kind === 0) return { user: device() };
  if (kind === 1) return { number: had(), service: service('HUNT_PILOT') };
  if (kind === 2) return { number: had({ uses: [deviceUse(device())] }) };
  const pilot = service('HUNT_PILOT');
  return { number: had({ uses: [{ ...serviceUse(pilot), usage: 'MEET_ME' }] }), service: pilot };
}
