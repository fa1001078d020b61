/** Where the subgraphs are when nobody says otherwise: all on one machine, each on a port of its own. */
import type { SubgraphName } from './sdl.js';

export const subgraphPorts: Readonly<Record<SubgraphName, number>> = {
  connections: 4001,
  'number-inventory': 4002,
  provisioning: 4003,
  audit: 4004,
};
