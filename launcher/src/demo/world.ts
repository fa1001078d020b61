/** The demo's world, as data. The numbers are from ranges the German regulator keeps free for films and examples. */

export interface DemoSite {
  readonly name: string;
  /** The first of its thousand numbers. */
  readonly firstNumber: string;
  /** Cooling duration macro of the site; absent: the default of 2 days. */
  readonly cooling?: string;
}

/** What uses a number and is no registered device; see the contract's `NumberService`. */
export interface DemoService {
  /** Name of its site. */
  readonly site: string;
  readonly kind: string;
  readonly name: string;
  readonly number: string;
  readonly cluster?: string;
  readonly mac?: string;
}

export interface DemoCustomer {
  readonly name: string;
  readonly sites: readonly DemoSite[];
  /** For its first audit to find something. */
  readonly services: readonly DemoService[];
  /** A number that is reserved and that one of the services uses. */
  readonly reserved: string;
  readonly routingManager: {
    /** Name of the connection. */
    readonly name: string;
    readonly port: number;
    readonly authenticationMethod: 'BASIC' | 'SESSION';
    readonly tls: boolean;
  };
}

export const RESELLER = 'Alpine Telecom';
/** How many of a site's numbers have a device. */
export const DEVICES_PER_SITE = 250;
export const NUMBERS_PER_SITE = 1_000;
/** How long numbers cool at the site where the demo shows it. */
export const SHOWN_COOLING = 'PT60S';
/** Devices that come or go in a minute, per routing manager. */
export const CHANGES_PER_MINUTE = 6;

const phone = (mac: string, cluster: string) => ({ kind: 'PHONE', name: `SEP${mac}`, mac, cluster });

export const CUSTOMERS: readonly DemoCustomer[] = [
  {
    name: 'Harbour Hotels',
    sites: [
      { name: 'Berlin', firstNumber: '+493023125000', cooling: SHOWN_COOLING },
      { name: 'Frankfurt', firstNumber: '+496990009000' },
    ],
    services: [
      // Not in the inventory: a number of Cologne.
      { site: 'Berlin', ...phone('0015F2000001', 'east'), number: '+492214710017' },
      // There, and marked Available.
      { site: 'Berlin', kind: 'HUNT_PILOT', name: 'Reception', number: '+493023125900' },
      // One phone and its number in two clusters.
      { site: 'Frankfurt', ...phone('0015F2000002', 'east'), number: '+496990009901' },
      { site: 'Frankfurt', ...phone('0015F2000002', 'west'), number: '+496990009901' },
      { site: 'Frankfurt', kind: 'WEBEX_USER', name: 'front.office@harbour-hotels.example', number: '+496990009950' },
    ],
    reserved: '+496990009950',
    routingManager: { name: 'harbour-hotels', port: 4101, authenticationMethod: 'BASIC', tls: false },
  },
  {
    name: 'Lakeside Clinics',
    sites: [
      { name: 'Hamburg', firstNumber: '+494066969000' },
      { name: 'Munich', firstNumber: '+498999998000' },
    ],
    services: [
      { site: 'Hamburg', kind: 'VOICEMAIL_PILOT', name: 'Voicemail', number: '+494066969900' },
      { site: 'Munich', kind: 'TEAMS_USER', name: 'ward.three@lakeside-clinics.example', number: '+492214710042' },
      // One profile in two clusters.
      { site: 'Munich', kind: 'DEVICE_PROFILE', name: 'Ward', cluster: 'north', number: '+498999998901' },
      { site: 'Munich', kind: 'DEVICE_PROFILE', name: 'Ward', cluster: 'south', number: '+498999998902' },
      { site: 'Munich', kind: 'CALL_PARK', name: 'Night desk', number: '+498999998950' },
    ],
    reserved: '+498999998950',
    routingManager: { name: 'lakeside-clinics', port: 4102, authenticationMethod: 'SESSION', tls: true },
  },
];

/** The number `offset` places after `first`. */
export function numberAfter(first: string, offset: number): string {
  return `+${BigInt(first.slice(1)) + BigInt(offset)}`;
}
