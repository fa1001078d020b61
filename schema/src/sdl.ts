/** The contract as text: the SDL each subgraph serves, and the supergraph composed of them. */
import { readFileSync } from 'node:fs';

/** The subgraphs, by the names the supergraph knows them by. */
export const subgraphNames = ['connections', 'number-inventory', 'provisioning', 'audit'] as const;

export type SubgraphName = (typeof subgraphNames)[number];

/** SDL of a subgraph: the types every subgraph shares, then its own. */
export function readSubgraphSdl(name: SubgraphName): string {
  return `${readSdl('common')}\n${readSdl(name)}`;
}

/** SDL of the composed supergraph, as `npm run compose` wrote it. */
export function readSupergraph(): string {
  return readSdl('supergraph');
}

function readSdl(name: string): string {
  return readFileSync(new URL(`../${name}.graphql`, import.meta.url), 'utf8');
}
