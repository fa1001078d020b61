/** Where the routes that subgraphs serve beside the graph are passed on to; which there are, `operation-powers.ts` says. */
import type { SubgraphName } from './sdl.js';

/** A path that begins with `prefix` is the subgraph's; a gateway in a process of its own is told so by `NUMBERYARD_ROUTES`. */
export const passedRoutes: readonly { readonly prefix: string; readonly subgraph: SubgraphName }[] = [
  { prefix: '/export/numbers', subgraph: 'number-inventory' },
  { prefix: '/import/numbers', subgraph: 'number-inventory' },
  { prefix: '/export/audit-findings', subgraph: 'audit' },
  { prefix: '/import/number-services', subgraph: 'audit' },
];
