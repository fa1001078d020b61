/** A service for tests: on a port of its own, ready at once, silent, with no log to follow and no endpoints. */
import { systemClock } from '../clock/system-clock.js';
import type { FollowedLog } from '../log/event.js';
import { createLogger } from '../logging/logger.js';
import { startService, type Service, type ServiceOptions } from '../service/server.js';

const emptyLog: FollowedLog = {
  read: () => Promise.resolve({ events: [], upTo: 0 }),
  state: () => Promise.resolve({ epoch: 'e', head: 0, floors: { history: 0, passing: 0 } }),
  onAppend: () => () => undefined,
};

export async function startTestService(
  subgraph: Parameters<Service['serve']>[0]['subgraph'],
  secret: ServiceOptions['secret'],
): Promise<Service> {
  const service = await startService({
    name: subgraph.name,
    host: '127.0.0.1',
    port: 0,
    secret,
    clock: systemClock,
    logger: createLogger('silent'),
    readiness: () => Promise.resolve(undefined),
  });
  service.serve({ subgraph, log: emptyLog, internal: new Map() });
  return service;
}
