/**
 * A whole Numberyard for a story: in this process on the embedded engine, or, where the tests run on MongoDB, as processes of their own with two of
 * each service. A story that uses nothing but this interface cannot tell which.
 */
import { testMongoUri } from '@numberyard/kit/testing/mongo';
import type { Store } from '@numberyard/kit/storage/port';
import type { RoutingManager, startRoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { ApiClient } from './client.js';
import { openProcessWorld } from './process-world.js';
import { openSingleProcess } from './single-process.js';

export interface World {
  readonly adminKey: string;
  /** Node id of the provider. */
  readonly provider: string;
  /** Of a gateway: where there are several, each in turn. The same after a restart. */
  readonly url: string;
  /** A client of the administrator, or of another key. Where there are several gateways, its requests go to them in turn. */
  client(key?: string): ApiClient;
  /** Everything logged so far, as JSON lines. */
  readonly log: readonly string[];
  routingManager(options?: Partial<Parameters<typeof startRoutingManager>[0]>): Promise<RoutingManager & Credentials>;
  /** A subgraph's store, to look behind the API or to put something there it would take a month to get. */
  store(subgraph: string): Store;
  /** All that is stored, by file or collection, as it lies there. */
  atRest(): Promise<[name: string, content: Buffer][]>;
  /** Stop in good order and start again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export function openWorld(): Promise<World> {
  return testMongoUri() === undefined ? openSingleProcess() : openProcessWorld();
}
