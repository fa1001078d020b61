/** Ports that are free now and known before a server listens there, so that it can come back to the same. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what systems give out by themselves, so that no connection of this machine's takes one while its server is down. */
const FIRST = 20_000;
const LAST = 32_000;
const given = new Set<number>();

export async function takePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(FIRST, LAST);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
