/** Every setting of a gateway that runs as a process of its own. It has one more for each subgraph: its address. */
import { httpUrl, list, serverSettings } from '@numberyard/kit/config/server-settings';
import { text, wholeNumber, type Setting } from '@numberyard/kit/config/settings';
import type { RoutePrefix } from './routes/route-source.js';

function routes(value: string): RoutePrefix[] {
  return list(value).map((route) => {
    const [, prefix, subgraph] = /^((?:\/[a-z0-9-]+)+\/?)=([a-z][a-z0-9_-]*)$/i.exec(route) ?? [];
    if (prefix === undefined || subgraph === undefined || isTaken(prefix))
      throw new Error(
        'must be beginnings of paths and subgraphs (/files/=archive,/files/old=attic) separated by commas',
      );
    return { prefix, subgraph };
  });
}

/** What the gateway answers itself. */
const TAKEN = ['/graphql', '/explorer', '/health'];

/** Whether a path that the gateway answers itself would begin with it, or it is below one. */
function isTaken(prefix: string): boolean {
  return TAKEN.some((own) => own.startsWith(prefix) || prefix.startsWith(`${own}/`));
}

export const gatewaySettings = {
  port: {
    name: 'PORT',
    description: 'Port of GraphQL, explorer and health; 0 takes a free one.',
    fallback: '4000',
    parse: wholeNumber(0, 65_535),
  },
  ...serverSettings,
  supergraph: {
    name: 'NUMBERYARD_SUPERGRAPH',
    description: 'File with the composed supergraph; `npm run gateway` takes the one of this repository by default.',
    parse: text,
  },
  keyEndpoint: {
    name: 'NUMBERYARD_KEY_ENDPOINT',
    description:
      'URL that says whose key it is: a POST of `{ "authorization": … }` is answered with the identity, or null. Without it every caller is anonymous.',
    parse: httpUrl,
  },
  routes: {
    name: 'NUMBERYARD_ROUTES',
    description:
      'Paths that the gateway passes on to a subgraph as they come, with the caller told: `/path/=subgraph` or `/path/beginning=subgraph`, separated by commas, the longest that fits counts; none by default, but for `npm run gateway` those that the subgraphs here serve.',
    parse: routes,
  },
} as const satisfies Record<string, Setting<unknown>>;

/**
 * The setting that says where a subgraph is.
 * @param subgraph its name in the supergraph
 */
export function addressSetting(subgraph: string, fallback: string): Setting<string> {
  return {
    name: `NUMBERYARD_${subgraph.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URL`,
    description: `Where the subgraph ${subgraph} is, instead of the address in the supergraph.`,
    ...(fallback === '' ? {} : { fallback }),
    parse: httpUrl,
  };
}
