/** An HTTP server that answers below the base path what it is told to, for what the simulator is too well-behaved to say. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** @param answer body for a path below the base path, still encoded; undefined is a 404 of a routing manager */
export async function scriptedManager(
  answer: (path: string, query: URLSearchParams) => unknown,
): Promise<{ readonly address: string }> {
  const server = createServer((request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const body = answer(path.replace('/ARM/v1', ''), new URLSearchParams(query));
    response.statusCode = body === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body ?? { code: 'NOT_FOUND', message: 'There is no such thing.' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}
