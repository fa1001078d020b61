/** A TCP proxy before a MongoDB server that loses what the test says. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What becomes of a commit: asked and never answered, or never even asked. The connection is cut either way. */
export type Loss = 'ANSWER' | 'QUESTION';

export class CuttingProxy {
  /** Commits seen so far, each try of one counted. */
  commits = 0;
  #losses: Loss[] = [];
  #isAway = false;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#serve(client));
  readonly #target: { readonly host: string; readonly port: number };

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
  }

  static async before(target: { host: string; port: number }): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Lose the next commits. */
  lose(loss: Loss, times: number): void {
    this.#losses = Array.from({ length: times }, () => loss);
  }

  /** Cut every connection; refuse new ones until {@link comeBack}. */
  goAway(): void {
    this.#isAway = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  async close(): Promise<void> {
    this.goAway();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(client: Socket): void {
    if (this.#isAway) {
      client.destroy();
      return;
    }
    const server = connect(this.#target);
    const cut = () => {
      client.destroy();
      server.destroy();
    };
    let isDeaf = false;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (data) => {
      const loss = this.#lossOf(data);
      if (loss === 'QUESTION') return cut();
      isDeaf ||= loss === 'ANSWER';
      server.write(data);
    });
    server.on('data', (data) => (isDeaf ? cut() : client.write(data)));
  }

  /** A commit is a message of a few hundred bytes, which comes in one piece. */
  #lossOf(data: Buffer): Loss | undefined {
    if (!data.includes('commitTransaction')) return undefined;
    this.commits += 1;
    return this.#losses.shift();
  }
}
