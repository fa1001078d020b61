/** Whether the process lives, and whether it should be sent traffic. */
import type { ServerResponse } from 'node:http';
import type { Logger } from '../logger.js';
import { sendJson } from './reply.js';

type Readiness = () => Promise<Readonly<Record<string, string>>>;

/** Milliseconds; a probe that hears nothing for longer gives up by itself. */
const patience = 3_000;

/** The same without the sentences, which go to the log: anybody may probe, and a fault's words tell of addresses and files. */
export function withoutReasons(readiness: Readiness, logger: Logger): Readiness {
  return async () => {
    const states = Object.entries(await readiness());
    return Object.fromEntries(
      states.map(([subgraph, state]) => {
        if (state === 'ok') return [subgraph, state];
        logger.warn({ subgraph, state }, 'not ready');
        return [subgraph, 'failing; the log says why'];
      }),
    );
  };
}

export function sendLive(response: ServerResponse): void {
  sendJson(response, 200, { status: 'ok' });
}

/** 200 when everything below is `ok`; 503 with the state of each otherwise, and always while draining. */
export async function sendReady(response: ServerResponse, readiness: Readiness, draining: boolean): Promise<void> {
  if (draining) return sendJson(response, 503, { status: 'draining' });
  const subgraphs = await stateWithin(readiness);
  const ready = subgraphs !== undefined && Object.values(subgraphs).every((state) => state === 'ok');
  sendJson(response, ready ? 200 : 503, { status: ready ? 'ok' : 'unavailable', subgraphs: subgraphs ?? {} });
}

async function stateWithin(readiness: Readiness): Promise<Readonly<Record<string, string>> | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience);
  });
  try {
    return await Promise.race([readiness(), expiry]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
