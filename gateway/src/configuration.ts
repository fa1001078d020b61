/** A gateway's settings, read: where its supergraph is, and where the subgraphs that this one joins are. */
import { readFileSync } from 'node:fs';
import { readSettings, SettingsError } from '@numberyard/kit/config/settings';
import type { Setting, Settings } from '@numberyard/kit/config/settings';
import { addressSetting, gatewaySettings } from './settings.js';
import type { HttpSubgraph } from './subgraphs/http-source.js';
import { joinedGraphs } from './supergraph.js';
import type { JoinedGraph } from './supergraph.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Configuration {
  readonly settings: Settings<typeof gatewaySettings>;
  readonly supergraphSdl: string;
  readonly subgraphs: readonly HttpSubgraph[];
  /** Variables that look like settings and are none. */
  readonly unknown: readonly string[];
}

const prefix = 'NUMBERYARD_';

/** @throws SettingsError */
export function readConfiguration(environment: Environment): Configuration {
  const settings = readSettings(gatewaySettings, environment);
  const { supergraph: file, signingSecret } = settings;
  if (file === undefined) {
    throw new SettingsError([
      'NUMBERYARD_SUPERGRAPH must name the file of the supergraph; it can be given as --supergraph FILE too.',
    ]);
  }
  const { supergraphSdl, graphs } = readSupergraph(file);
  const table = Object.fromEntries(graphs.map(({ name, url }) => [name, addressSetting(name, url)]));
  const { addresses, unknown } = readAddresses(table, environment);
  const subgraphs = graphs.map(({ name, url }) => ({
    name,
    url: withPathOf(addresses[name] ?? '', url),
    signingSecret,
  }));
  const strangers = (settings.routes ?? []).filter(({ subgraph }) => !graphs.some(({ name }) => name === subgraph));
  if (strangers.length > 0) {
    throw new SettingsError(
      strangers.map(({ subgraph }) => `NUMBERYARD_ROUTES names ${subgraph}, which the supergraph does not join.`),
    );
  }
  return { settings, supergraphSdl, subgraphs, unknown };
}

function readSupergraph(file: string): { supergraphSdl: string; graphs: readonly JoinedGraph[] } {
  const refuse = (problem: string) =>
    new SettingsError([`NUMBERYARD_SUPERGRAPH must be a file with a composed supergraph; ${file}: ${problem}`]);
  let supergraphSdl: string;
  try {
    supergraphSdl = readFileSync(file, 'utf8');
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  try {
    const graphs = joinedGraphs(supergraphSdl);
    return { supergraphSdl, graphs };
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

function readAddresses(table: Readonly<Record<string, Setting<string>>>, environment: Environment) {
  const addresses = readSettings(table, environment) as Readonly<Record<string, string | undefined>>;
  const missing = Object.entries(table).filter(([subgraph]) => addresses[subgraph] === undefined);
  const known = new Set([...Object.values(table), ...Object.values(gatewaySettings)].map(({ name }) => name));
  const unknown = Object.keys(environment).filter((name) => name.startsWith(prefix) && !known.has(name));
  // Other services of the same machine may have settings of their own in the same environment; but an address is for whoever calls.
  const strays = unknown.filter((name) => name.endsWith('_URL'));
  if (missing.length + strays.length > 0) {
    throw new SettingsError([
      ...missing.map(([subgraph, { name }]) => `${name} must say where ${subgraph} is; the supergraph does not.`),
      ...strays.map((name) => `${name} is the address of no subgraph that the supergraph joins.`),
    ]);
  }
  return { addresses, unknown };
}

/** An address that names a host only stands for the path that the supergraph gives. */
function withPathOf(address: string, given: string): string {
  const url = new URL(address);
  if (url.pathname !== '/' || url.search !== '' || !URL.canParse(given)) return address;
  const { pathname, search } = new URL(given);
  return new URL(pathname + search, url).href;
}
