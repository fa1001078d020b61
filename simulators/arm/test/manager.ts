/** A routing manager for one test, closed after it, and ways to call it. */
import { onTestFinished } from 'vitest';
import { startRoutingManager } from '../src/routing-manager.js';
import type { RoutingManager, RoutingManagerOptions } from '../src/routing-manager.js';
import type { ListAnswer, RegisteredUserRecord } from '../src/wire.js';

export const CREDENTIALS = { username: 'operator', password: 'open sesame: ä' };
export const BASIC = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64')}`;

export async function managerWith(options: Partial<RoutingManagerOptions> = {}): Promise<RoutingManager> {
  const manager = await startRoutingManager({ ...CREDENTIALS, ...options });
  onTestFinished(() => manager.close());
  return manager;
}

/** 25 registered users from +4930100 on, at two nodes in turn. */
export function smallManager(options: Partial<RoutingManagerOptions> = {}): Promise<RoutingManager> {
  return managerWith({ users: { count: 25, firstNumber: '+4930100' }, control: true, ...options });
}

export function call(manager: RoutingManager, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${manager.url}/ARM/v1${path}`, {
    redirect: 'manual',
    ...init,
    headers: { authorization: BASIC, ...init.headers },
  });
}

export async function page(
  manager: RoutingManager,
  offset: number,
  limit = 10,
): Promise<ListAnswer<RegisteredUserRecord>> {
  const response = await call(manager, `/registeredUsers?offset=${offset}&limit=${limit}`);
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  return (await response.json()) as ListAnswer<RegisteredUserRecord>;
}

/** The user parts of a whole listing, read in pages of ten until one is empty. */
export async function listing(manager: RoutingManager): Promise<string[]> {
  const users: string[] = [];
  for (let offset = 0; ; offset += 10) {
    const { items } = await page(manager, offset);
    if (items.length === 0) return users;
    users.push(...items.map(({ user }) => user));
  }
}

export function json(body: unknown): RequestInit {
  return { method: 'POST', body: JSON.stringify(body) };
}
