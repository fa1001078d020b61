/** A customer whose inventory and what uses its numbers have drifted apart, at random. */
import { SERVICE_KINDS, type NumberService, type ServiceKind } from '@numberyard/audit/domain/number-service';
import type { RegisteredUser } from '@numberyard/connections/domain/registered-user';
import type { InventoryNumber, NumberUse } from '@numberyard/number-inventory/domain/number';
import {
  deviceUse,
  inventoryNumber,
  numberService,
  registeredUser,
  SINCE,
  serviceUse,
  type Place,
} from './documents.js';

export interface Drift {
  readonly numbers: readonly InventoryNumber[];
  readonly users: readonly RegisteredUser[];
  readonly services: readonly NumberService[];
}

export interface DriftedCustomer {
  readonly customer: Place;
  readonly sites: readonly Place[];
  /** Ids of two connections or more. */
  readonly connections: readonly string[];
}

const KINDS = Object.keys(SERVICE_KINDS) as ServiceKind[];
/** Far ahead, so that nothing ends while a test runs. */
const LATER = '2099-01-01T00:00:00.000Z';

/** @param count how many numbers there are, in the inventory or in use or both */
export function randomDrift(random: () => number, at: DriftedCustomer, count: number): Drift {
  const numbers: InventoryNumber[] = [];
  const users: RegisteredUser[] = [];
  const services: NumberService[] = [];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  for (let index = 0; index < count; index += 1) {
    const number = `+4930${10_000 + index}`;
    const devices = times(random, 0.4).map((nth) =>
      registeredUser(at.connections[nth % at.connections.length] ?? '', `device${index}x${nth}`, number),
    );
    const others = times(random, 0.25).map((nth) =>
      randomService(pick(KINDS), pick([at.customer, ...at.sites]), number, index * 10 + nth),
    );
    users.push(...devices);
    services.push(...others);
    if (random() < 0.12) continue;
    const uses = [...devices.map(deviceUse), ...others.map(serviceUse)];
    const home = pick([at.customer, ...at.sites]);
    numbers.push(inventoryNumber(home, number, recorded(random, index, uses, at.connections[0] ?? '')));
  }
  return { numbers, users, services };
}

/** None, one, or now and then two. */
function times(random: () => number, chance: number): number[] {
  if (random() >= chance) return [];
  return random() < 0.2 ? [0, 1] : [0];
}

function randomService(kind: ServiceKind, place: Place, number: string, index: number): NumberService {
  const { mac, vendor } = SERVICE_KINDS[kind];
  return numberService(place, kind, number, `service ${index}`, {
    ...(mac && { mac: index.toString(16).toUpperCase().padStart(12, '0') }),
    ...(vendor === 'OWN' && { vendor: 'Yealink' }),
  });
}

/** What the inventory has of a number: often the truth. */
function recorded(
  random: () => number,
  index: number,
  truth: readonly NumberUse[],
  connection: string,
): Partial<InventoryNumber> {
  const roll = random();
  if (roll < 0.05) return { cooling: { since: SINCE, releaseDate: LATER, cause: 'MANUAL' } };
  if (roll < 0.1) return { reservation: { reservedAt: SINCE }, uses: random() < 0.5 ? truth : [] };
  const assigned: NumberUse[] =
    random() < 0.08 ? [{ source: 'ASSIGNMENT', ref: `somebody ${index}`, usage: 'USER', since: SINCE }] : [];
  if (roll < 0.6) return { uses: [...truth, ...assigned] };
  if (roll < 0.7) return { uses: assigned };
  if (roll < 0.8) return { uses: [...truth.slice(1), ...assigned] };
  const device = deviceUse(registeredUser(connection, `gone${index}`, ''));
  if (roll < 0.88) return { uses: [...truth, device, ...assigned] };
  const service: NumberUse = { source: 'SERVICE', ref: `gone ${index}`, usage: 'HUNT_PILOT', since: SINCE };
  if (roll < 0.94) return { uses: [...truth, service, ...assigned] };
  const other = (use: NumberUse): NumberUse =>
    use.source === 'SERVICE' ? { ...use, usage: use.usage === 'MEET_ME' ? 'CALL_PARK' : 'MEET_ME' } : use;
  return { uses: [...truth.map(other), ...assigned] };
}
