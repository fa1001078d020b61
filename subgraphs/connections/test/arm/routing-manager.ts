/** A simulated routing manager and a client to it for one test; both are closed after it. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { startRoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { RoutingManager, RoutingManagerOptions } from '@numberyard/simulator-arm/routing-manager';
import { onTestFinished } from 'vitest';
import { connectRoutingManager } from '../../src/arm/client.js';
import type { RoutingManagerClient, RoutingManagerClientOptions, RoutingManagerTarget } from '../../src/arm/client.js';
import { RoutingManagerError } from '../../src/arm/routing-manager-error.js';

export const CREDENTIALS = { username: 'operator', password: 'open sesame: ä' };

/** 2,500 registered users: three pages. */
export async function manager(options: Partial<RoutingManagerOptions> = {}): Promise<RoutingManager> {
  const started = await startRoutingManager({
    ...CREDENTIALS,
    users: { count: 2500, firstNumber: '+493000000' },
    ...options,
  });
  onTestFinished(() => started.close());
  return started;
}

/** A clock that sleeps no longer than it takes to say how long. */
export function sleeplessClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => 1_700_000_000_000,
    monotonic: () => 0,
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
  };
}

export function client(
  of: { address: string },
  target: Partial<RoutingManagerTarget> = {},
  options: Partial<RoutingManagerClientOptions> = {},
): RoutingManagerClient {
  const connected = connectRoutingManager(
    { address: of.address, ...CREDENTIALS, authenticationMethod: 'BASIC', tlsVerify: false, ...target },
    { clock: sleeplessClock(), policy: { allowLoopback: true }, allowPlainHttp: true, random: () => 0, ...options },
  );
  onTestFinished(() => connected.close());
  return connected;
}

/** Ids of a whole listing. */
export async function listed(of: RoutingManagerClient, signal?: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  for await (const { items } of of.pages(signal)) ids.push(...items.map(({ id }) => id));
  return ids;
}

/** What a call fails with; a call that does not fail, or fails otherwise, fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<RoutingManagerError> {
  const error: unknown = await call.then(
    () => new Error('It succeeded.'),
    (failed: unknown) => failed,
  );
  if (!(error instanceof RoutingManagerError)) throw error;
  return error;
}
