/** Functions of another service, called as if they were in this process. */
import type { Endpoint, Endpoints, Functions } from './endpoints.js';
import { InputError } from './endpoints.js';
import { ServiceError, type ServiceClient } from './service-client.js';

/** Milliseconds one try may take. */
const TIMEOUT = 10_000;

/**
 * The service's functions. Each call is tried up to three times, as all of them only read.
 * Each rejects with ServiceError when the service does not answer.
 */
export function internalClient<Service extends Functions<Service>>(
  client: ServiceClient,
  endpoints: Endpoints<Service>,
): Service {
  const functions: Record<string, (...args: readonly unknown[]) => Promise<unknown>> = {};
  for (const [key, endpoint] of Object.entries<Endpoint<readonly unknown[], unknown>>(endpoints)) {
    functions[key] = async (...args) => {
      const request = { method: 'POST', path: `/internal/${endpoint.name}`, timeout: TIMEOUT } as const;
      const answer = await client.ask({ ...request, body: JSON.stringify(endpoint.write(...args)) });
      try {
        return endpoint.result(JSON.parse(answer));
      } catch (error) {
        if (!(error instanceof InputError || error instanceof SyntaxError)) throw error;
        throw new ServiceError('FAILED', `${client.service} answered ${endpoint.name} with something else`, {
          cause: error,
        });
      }
    };
  }
  // The table has an endpoint for each function, which its type guarantees.
  return functions as Functions<Service> as Service;
}
