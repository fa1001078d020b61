/** The GraphQL explorer: GraphiQL as one page that loads nothing from anywhere else. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ExplorerOptions } from '../options.js';
import { send } from './reply.js';
import type { Headers } from './reply.js';

interface Page {
  readonly plain: Buffer;
  readonly zipped: Buffer;
  readonly headers: Headers;
}

/** Stands where a function has to go: the renderer takes JSON only. */
const connectionParams = '@connection-params@';

/**
 * GraphiQL sends the headers a user types with each request, but opens its socket without them. So the page remembers, in memory only, the
 * key of the last request and hands it to the socket.
 */
const keyRelay = `
  let explorerAuthorization;
  const sendRequest = window.fetch;
  window.fetch = (target, init) => {
    const authorization = new Headers(init?.headers).get('authorization');
    if (authorization) explorerAuthorization = authorization;
    return sendRequest(target, init);
  };
  const explorerConnectionParams = () => ({ authorization: explorerAuthorization });
`;

/** The page is nine megabytes, so it is made at the first visit and kept. */
export function explorer(options: ExplorerOptions, graphqlPath: string) {
  let page: Promise<Page> | undefined;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    page ??= makePage(options, graphqlPath);
    const { plain, zipped, headers } = await page;
    if (request.headers['if-none-match'] === headers['etag']) return send(response, 304, headers, '');
    const zips = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    send(response, 200, zips ? { ...headers, 'content-encoding': 'gzip' } : headers, zips ? zipped : plain);
  };
}

async function makePage(options: ExplorerOptions, graphqlPath: string): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const settings = {
    title: options.title ?? 'GraphQL explorer',
    endpoint: graphqlPath,
    subscriptionsProtocol: 'WS' as const,
    headers: JSON.stringify({ authorization: 'Bearer ' }),
    ...(options.defaultQuery === undefined ? {} : { defaultQuery: options.defaultQuery }),
    // Passed on to the page's socket, though the renderer's type does not name it.
    connectionParams,
  };
  const rendered = renderGraphiQL(settings);
  const html = rendered
    .replace(JSON.stringify(connectionParams), () => 'explorerConnectionParams')
    .replace('<script>', () => `<script>${keyRelay}`);
  const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1];
  if (script === undefined || html.includes(connectionParams))
    throw new Error('The explorer page has another form than known.');
  const plain = Buffer.from(html);
  return {
    plain,
    zipped: await promisify(gzip)(plain),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-cache',
      etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
      vary: 'Accept-Encoding',
      'x-frame-options': 'DENY',
      'content-security-policy': policyFor(script),
    },
  };
}

/** Only this very script runs, and it talks to nobody but us. Its editor makes style elements and workers from blobs as it goes. */
function policyFor(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
