/**
 * A whole Numberyard for a story: in this process on the embedded engine; where the tests run on MongoDB two of them that share a replica set, or two of each
 * service as processes of their own. A story that uses nothing but this interface cannot tell which.
 */
import { testMongoUri } from '@numberyard/kit/testing/mongo';
import type { Store } from '@numberyard/kit/storage/port';
import type { RoutingManager, startRoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { ApiClient } from './client.js';
import { openProcessWorld } from './process-world.js';
import { openReplicaWorld } from './replica-world.js';
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

/** @param options.apart where the tests run on MongoDB: every service is a process of its own, because the story is about what goes over the wire between them */
export function openWorld(options: { readonly apart?: boolean } = {}): Promise<World> {
  if (testMongoUri() === undefined) return openSingleProcess();
  return options.apart ? openProcessWorld() : openReplicaWorld();
}
