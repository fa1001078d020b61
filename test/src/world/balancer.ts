/** One address for all replicas of a service, as the name of a service is between containers: connections go to them in turn, past those that are gone. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Balancer {
  readonly port: number;
  close(): Promise<void>;
}

/** @param ports of the replicas; one that nobody listens at is passed over */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    // An error is followed by the close that matters.
    return socket
      .setNoDelay(true)
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket));
  }

  function forward(client: Socket): void {
    keep(client);
    const first = turn++;
    const attempt = (tried: number) => {
      const port = ports[(first + tried) % ports.length];
      if (port === undefined || tried === ports.length) return client.destroy();
      const replica = keep(connect(port, '127.0.0.1'));
      const refused = () => attempt(tried + 1);
      replica.once('error', refused);
      replica.once('connect', () => {
        replica.off('error', refused);
        client.pipe(replica).pipe(client);
        client.once('close', () => replica.destroy());
        // Nothing after an unclean end may look like a clean one.
        replica.once('close', () => client.destroy());
      });
      return undefined;
    };
    attempt(0);
  }

  const server: Server = createServer({ pauseOnConnect: true }, forward);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
