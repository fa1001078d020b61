/** The demo's world, as data. The numbers are from ranges the German regulator keeps free for films and examples. */

export interface DemoSite {
  readonly name: string;
  /** The first of its thousand numbers. */
  readonly firstNumber: string;
  /** Cooling duration macro of the site; absent: the default of 2 days. */
  readonly cooling?: string;
}

export interface DemoCustomer {
  readonly name: string;
  readonly sites: readonly DemoSite[];
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

export const CUSTOMERS: readonly DemoCustomer[] = [
  {
    name: 'Harbour Hotels',
    sites: [
      { name: 'Berlin', firstNumber: '+493023125000', cooling: SHOWN_COOLING },
      { name: 'Frankfurt', firstNumber: '+496990009000' },
    ],
    routingManager: { name: 'harbour-hotels', port: 4101, authenticationMethod: 'BASIC', tls: false },
  },
  {
    name: 'Lakeside Clinics',
    sites: [
      { name: 'Hamburg', firstNumber: '+494066969000' },
      { name: 'Munich', firstNumber: '+498999998000' },
    ],
    routingManager: { name: 'lakeside-clinics', port: 4102, authenticationMethod: 'SESSION', tls: true },
  },
];

/** The number `offset` places after `first`. */
export function numberAfter(first: string, offset: number): string {
  return `+${BigInt(first.slice(1)) + BigInt(offset)}`;
}
