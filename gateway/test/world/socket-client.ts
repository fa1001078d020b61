/** A client that speaks graphql-transport-ws word by word, so that tests see every message and close code. */
import { WebSocket } from 'ws';
import { until } from './gateway-world.js';
import type { GatewayWorld } from './gateway-world.js';

export interface SocketMessage {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

export class SocketClient {
  readonly socket: WebSocket;
  readonly messages: SocketMessage[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(url: string, protocol = 'graphql-transport-ws') {
    this.socket = new WebSocket(url.replace('http', 'ws') + '/graphql', protocol);
    this.socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as SocketMessage));
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: String(reason) }));
    this.socket.on('error', () => undefined);
  }

  /** Connected and acknowledged. */
  static async open(world: GatewayWorld, key = 'anna'): Promise<SocketClient> {
    const client = new SocketClient(world.gateway.url);
    await client.ready();
    client.say({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
    await until(() => client.messages.length > 0 || client.closed !== undefined, 'the acknowledgement');
    return client;
  }

  async ready(): Promise<void> {
    await until(() => this.socket.readyState === WebSocket.OPEN || this.closed !== undefined, 'the socket opens');
  }

  say(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, variables: Record<string, unknown> = {}, operationName?: string): void {
    this.say({ id, type: 'subscribe', payload: { query, variables, ...(operationName ? { operationName } : {}) } });
  }

  /** Data of the `next` messages of one operation. */
  data(id: string): Record<string, unknown>[] {
    return this.messages
      .filter((message) => message.id === id && message.type === 'next')
      .map((message) => (message.payload as { data: Record<string, unknown> }).data);
  }

  errors(id: string): { message: string; extensions: Record<string, unknown> }[] {
    const found = this.messages.find((message) => message.id === id && message.type === 'error');
    return (found?.payload ?? []) as { message: string; extensions: Record<string, unknown> }[];
  }

  async closes(): Promise<{ code: number; reason: string }> {
    await until(() => this.closed !== undefined, 'the socket closes');
    return this.closed ?? { code: 0, reason: '' };
  }
}
