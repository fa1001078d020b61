/** A running gateway over the shop, with its log lines and its keys in hand. */
import { startGateway } from '../../src/gateway.js';
import type { RunningGateway } from '../../src/gateway.js';
import type { GatewayOptions } from '../../src/options.js';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { InProcessSubgraph } from '../../src/subgraphs/in-process-source.js';
import { Shop } from './shop.js';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly { message: string; path?: unknown; extensions: Record<string, unknown> }[];
}

/** How a world's gateway reaches the subgraphs. */
export interface Transport {
  readonly subgraphs: GatewayOptions['subgraphs'];
  readonly stop: () => Promise<void>;
}

export type ChooseTransport = (subgraphs: readonly InProcessSubgraph[]) => Promise<Transport>;

export class GatewayWorld {
  /** Of worlds that are not told otherwise. */
  static transport: ChooseTransport = async (subgraphs) => ({ subgraphs, stop: async () => undefined });

  readonly shop: Shop;
  readonly gateway: RunningGateway;
  readonly log: LogLine[];
  readonly keys: Map<string, Identity>;
  readonly verifications: string[];
  readonly #transport: Transport;

  private constructor(
    shop: Shop,
    gateway: RunningGateway,
    log: LogLine[],
    keys: Map<string, Identity>,
    verifications: string[],
    transport: Transport,
  ) {
    this.#transport = transport;
    this.shop = shop;
    this.gateway = gateway;
    this.log = log;
    this.keys = keys;
    this.verifications = verifications;
  }

  static async start(
    options: Partial<GatewayOptions> = {},
    chooseTransport: ChooseTransport = GatewayWorld.transport,
  ): Promise<GatewayWorld> {
    const shop = new Shop();
    const log: LogLine[] = [];
    const keys = new Map([
      ['Bearer anna', identity('anna', 'root')],
      ['Bearer bert', identity('bert', 'root')],
      ['Bearer carl', identity('carl', 'root.carl')],
    ]);
    const verifications: string[] = [];
    const level = (name: string) => (fields: object, message: string) => {
      log.push({ level: name, message, fields: { ...fields } });
    };
    const transport = await chooseTransport(shop.subgraphs);
    const gateway = await startGateway({
      supergraphSdl: shop.supergraphSdl,
      subgraphs: transport.subgraphs,
      authenticate: async (authorization) => {
        verifications.push(authorization ?? '');
        return authorization === undefined ? undefined : keys.get(authorization);
      },
      readiness: async () => ({ products: 'ok', reviews: 'ok', people: 'ok' }),
      logger: { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') },
      port: 0,
      production: true,
      ...options,
    });
    return new GatewayWorld(shop, gateway, log, keys, verifications, transport);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.drain();
    await this.#transport.stop();
  }

  /** @param key null for none */
  async ask(
    query: string,
    variables: Record<string, unknown> = {},
    key: string | null = 'anna',
    headers: Record<string, string> = {},
  ): Promise<GraphqlAnswer> {
    const response = await fetch(`${this.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Partial<Pick<GraphqlAnswer, 'data' | 'errors'>>;
    return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [] };
  }
}

export function identity(label: string, path: string): Identity {
  return { id: `key-${label}`, label, role: 'OPERATOR', rights: [], node: path, path };
}

/** Until `condition` holds; fails with `what` when it does not within the deadline. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadline = 20_000,
): Promise<void> {
  const end = Date.now() + deadline;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Not within ${deadline} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
