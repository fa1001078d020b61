/** Imported before a test file, this makes its worlds reach their subgraphs over HTTP and WebSocket. */
import { GatewayWorld } from './gateway-world.js';
import { ShopServer } from './shop-servers.js';

GatewayWorld.transport = async (subgraphs) => {
  const servers = await Promise.all(subgraphs.map((subgraph) => ShopServer.start(subgraph)));
  return {
    subgraphs: servers.map(({ address }) => address),
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  };
};
