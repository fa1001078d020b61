/** The demo: two simulated routing managers with devices that come and go, an inventory that follows them, and an audit of it. */
import { randomBytes } from 'node:crypto';
import { startRoutingManager, type RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { Numberyard } from '../numberyard.js';
import { fillAudit, type DemoAudit } from './audit.js';
import { GraphQLClient } from './client.js';
import { connectionOf, fillConnection, fillInventory } from './fill.js';
import {
  CHANGES_PER_MINUTE,
  CUSTOMERS,
  DEVICES_PER_SITE,
  numberAfter,
  SHOWN_COOLING,
  type DemoCustomer,
} from './world.js';

export interface Demo {
  /** Site whose numbers cool for a minute only. */
  readonly shownSite: { readonly name: string; readonly node: string };
  /** A number there that has a device. */
  readonly shownNumber: string;
  /** Base addresses of the simulators, e.g. `http://127.0.0.1:4101`. */
  readonly simulators: readonly string[];
  /** The newest audit of each customer; known once it is complete. */
  readonly audits: readonly DemoAudit[];
  /** Make what can only be made while the workers run: the connections and audits of a first start. */
  complete(): Promise<void>;
  stop(): Promise<void>;
}

const USERNAME = 'numberyard';
/** Place in its site of the device that the reader is told to take offline, and that nobody else touches. */
const SHOWN_DEVICE = 17;

/**
 * Start the simulators and bring the inventory to where the demo begins; on a second start nothing is made twice. To be called before the workers
 * run: an overdue sync would call where the simulators were the last time.
 * @param key a key that may administer everything
 */
export async function openDemo({ numberyard, key }: { numberyard: Numberyard; key: string }): Promise<Demo> {
  const client = new GraphQLClient(numberyard.url, key);
  const simulators: RoutingManager[] = [];
  const missing: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.all(simulators.map((simulator) => simulator.close()));
  };
  try {
    const filled = await fillInventory(client, numberyard.provider);
    for (const customer of filled) {
      const password = randomBytes(18).toString('base64url');
      const simulator = await startSimulator(customer.customer, password);
      simulators.push(simulator);
      const reach = { routingManager: simulator.address, username: USERNAME, password };
      const id = await connectionOf(client, customer);
      const connect = () => fillConnection(client, customer, reach, id);
      // A new connection needs its node, which the connections subgraph hears of once it follows the hierarchy.
      if (id) await connect();
      else missing.push(connect);
    }
    const shown = filled
      .flatMap(({ customer, sites }) => customer.sites.map((site) => ({ site, node: sites.get(site.name) })))
      .find(({ site }) => site.cooling === SHOWN_COOLING);
    if (!shown?.node) throw new Error(`the demo has no site that cools for ${SHOWN_COOLING}`);
    const audits: DemoAudit[] = [];
    return {
      audits,
      shownSite: { name: shown.site.name, node: shown.node },
      shownNumber: numberAfter(shown.site.firstNumber, SHOWN_DEVICE),
      simulators: simulators.map((simulator) => simulator.url),
      async complete() {
        for (const connect of missing) await connect();
        audits.push(...(await Promise.all(filled.map((customer) => fillAudit(client, customer)))));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSimulator(customer: DemoCustomer, password: string): Promise<RoutingManager> {
  const { port, tls } = customer.routingManager;
  const options = {
    username: USERNAME,
    password,
    control: true,
    domain: `${customer.routingManager.name}.example`,
    ...(tls ? { tls: 'self-signed' as const } : {}),
  };
  const simulator = await startRoutingManager({ ...options, port }).catch((error: NodeJS.ErrnoException) => {
    // The usual port may be taken, by another demo for one; any other serves as well.
    if (error.code === 'EADDRINUSE') return startRoutingManager(options);
    throw error;
  });
  for (const site of customer.sites) simulator.control.seed(DEVICES_PER_SITE, { firstNumber: site.firstNumber });
  simulator.control.startComingAndGoing({
    perMinute: CHANGES_PER_MINUTE,
    seed: CUSTOMERS.indexOf(customer) + 1,
    atMostAway: 8,
    spare: customer.sites.map((site) => numberAfter(site.firstNumber, SHOWN_DEVICE)),
  });
  return simulator;
}
