/** What subgraphs serve beside the graph: the paths that a gateway passes on, and those that are answered below them. */
import type { SubgraphName } from './sdl.js';

/** A path that begins with `prefix` is the subgraph's; a gateway in a process of its own is told so by `NUMBERYARD_ROUTES`. */
export const passedRoutes: readonly { readonly prefix: string; readonly subgraph: SubgraphName }[] = [
  { prefix: '/export/', subgraph: 'number-inventory' },
  { prefix: '/import/', subgraph: 'number-inventory' },
];

export const EXPORT_CSV = '/export/numbers.csv';
export const EXPORT_JSON_LINES = '/export/numbers.jsonl';
export const IMPORT_NUMBERS = '/import/numbers';
