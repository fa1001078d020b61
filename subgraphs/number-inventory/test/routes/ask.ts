/** Routes of an inventory, asked as a gateway asks them. */
import type { Identity } from '@numberyard/kit/identity/identity';
import { Refused } from '@numberyard/kit/service/message';
import { askRoute, type RouteAnswer } from '@numberyard/kit/service/routes';
import type { TestInventory } from '../inventory.js';

export interface Asked {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** In pieces, or whole; an error among them is where the body was cut. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array | Error)[];
  readonly signal?: AbortSignal;
}

export async function askStream(
  test: TestInventory,
  as: Identity,
  target: string,
  { method = 'GET', headers = {}, body = '', signal = new AbortController().signal }: Asked = {},
): Promise<RouteAnswer> {
  const [path = '', search = ''] = target.split('?');
  const pieces = typeof body === 'string' || body instanceof Uint8Array ? [body] : body;
  return askRoute(test.inventory.routes ?? new Map(), method, {
    path,
    search: new URLSearchParams(search),
    headers,
    identity: as,
    requestId: 'test-request',
    body: (async function* () {
      for (const piece of pieces) {
        if (piece instanceof Error) throw piece;
        yield Buffer.from(piece);
      }
    })(),
    signal,
  });
}

/** All of an answer. */
export async function askText(...args: Parameters<typeof askStream>): Promise<string> {
  return textOf(await askStream(...args));
}

export async function textOf({ body }: RouteAnswer): Promise<string> {
  let text = '';
  for await (const chunk of body) text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
  return text;
}

/** What a request is refused with. */
export async function refusalOf(...args: Parameters<typeof askStream>): Promise<{ status: number; code: string }> {
  try {
    await askStream(...args);
  } catch (error) {
    if (error instanceof Refused) return { status: error.status, code: error.code, ...error.details };
    throw error;
  }
  throw new Error('it was answered');
}
