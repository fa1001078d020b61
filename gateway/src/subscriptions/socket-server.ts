/** The sockets of a gateway: admits, pings and, at the end, sends them elsewhere. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { Session } from './session.js';
import type { SessionOptions } from './session.js';

export class SocketServer {
  readonly #options: SessionOptions;
  readonly #server: WebSocketServer;
  readonly #sessions = new Set<Session>();
  readonly #pings: NodeJS.Timeout;
  #draining = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: options.limits.bodySize,
      // Compressing each message for each of thousands of clients costs far more than the bytes it saves.
      perMessageDeflate: false,
      handleProtocols: (offered) =>
        offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
    });
    this.#pings = setInterval(() => {
      for (const session of this.#sessions) session.checkAlive();
    }, options.limits.socketPingInterval);
    this.#pings.unref();
  }

  /** Sockets open at the moment. */
  get size(): number {
    return this.#sessions.size;
  }

  /** No look at Origin: a socket is worth nothing without the key in its first message, which a foreign page does not have. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => this.#admit(client));
  }

  /**
   * Let queries and mutations under way finish, then close every socket with 1001. Streams are not completed: to a client that would mean that
   * there is nothing more to come, where 1001 makes it connect again.
   * @param deadline when to stop waiting, by `performance.now()`
   */
  async drain(deadline: number): Promise<void> {
    this.#draining = true;
    clearInterval(this.#pings);
    while ([...this.#sessions].some((session) => session.finiteOperations > 0) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const session of this.#sessions)
      session.close(1001, 'The server is stopping; connect again with your last cursor');
    while (this.#sessions.size > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    // Those too that never became a session, and hang in the closing handshake.
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #admit(client: WebSocket): void {
    if (client.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      return client.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
    }
    if (this.#draining) return client.close(1001, 'The server is stopping');
    if (this.#sessions.size >= this.#options.limits.sockets)
      return client.close(1013, 'Too many sockets; try again later');
    const session = new Session(client, this.#options);
    this.#sessions.add(session);
    client.on('close', () => this.#sessions.delete(session));
  }
}
