/** The simulated routing managers of a story. */
import { randomBytes } from 'node:crypto';
import { startRoutingManager, type RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { Credentials, World } from './world.js';

export interface Managers {
  readonly start: World['routingManager'];
  close(): Promise<void>;
}

export function createManagers(): Managers {
  const managers: RoutingManager[] = [];
  return {
    async start(options = {}) {
      const credentials: Credentials = { username: 'operator', password: randomBytes(12).toString('base64url') };
      const manager = await startRoutingManager({ ...credentials, ...options });
      managers.push(manager);
      return Object.assign(manager, credentials, options);
    },
    async close() {
      await Promise.all(managers.map((manager) => manager.close()));
    },
  };
}
