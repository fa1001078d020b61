/** Peer: a bare `ws` server that sends one ready-made text of the same size to every socket; nothing that does more can be faster. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { now } from './feed.js';
import { obeyPace } from './pace.js';

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  perMessageDeflate: false,
  handleProtocols: () => 'graphql-transport-ws',
});
const subscribed = new Set<WebSocket>();
server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    if (data.includes('connection_init')) socket.send('{"type":"connection_ack"}');
    else subscribed.add(socket);
  });
});
const rest =
  ',"cursor":"feed.100","item":{"id":"item-100","title":"Item number item-100","state":"USED","price":100,"tags":["a","b"],"shop":{"name":"Name of shop-1","city":"City of shop-1","open":true},"stock":{"count":8,"place":"Shelf item-100"}}}}}}';
obeyPace(() => {
  const text = `{"id":"1","type":"next","payload":{"data":{"itemChanged":{"at":${now()}${rest}`;
  for (const socket of subscribed) socket.send(text);
});
server.on('listening', () => process.send?.({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }));
