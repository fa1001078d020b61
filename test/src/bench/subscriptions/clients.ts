/** Clients, in a process of their own: `clients.js <url> <count>`. They look for the instant in a message and at nothing else, so that they are not what is measured. */
import { WebSocket } from 'ws';
import { now, subscription } from './feed.js';

export interface Received {
  readonly deliveries: number;
  /** Milliseconds from the event to its arrival, whole ones, counted. */
  readonly latencies: readonly number[];
}

const [url = '', count = '0'] = process.argv.slice(2);
const longest = 10_000;
const subscribe = JSON.stringify({ id: '1', type: 'subscribe', payload: { query: subscription } });
let latencies = new Uint32Array(longest + 1);
let deliveries = 0;

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false, skipUTF8Validation: true });
    socket.on('error', reject);
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data: Buffer) => {
      if (data.includes('connection_ack')) {
        socket.send(subscribe, () => resolve());
        return;
      }
      const at = data.indexOf('"at":');
      if (at < 0) throw new Error(data.toString());
      const sent = Number.parseFloat(data.toString('latin1', at + 5, at + 25));
      const bucket = Math.min(longest, Math.max(0, Math.round(now() - sent)));
      latencies[bucket] = (latencies[bucket] ?? 0) + 1;
      deliveries += 1;
    });
  });
}

for (let opened = 0; opened < Number(count); opened += 100) {
  await Promise.all(Array.from({ length: Math.min(100, Number(count) - opened) }, open));
}
process.on('message', () => {
  const received: Received = { deliveries, latencies: [...latencies] };
  latencies = new Uint32Array(longest + 1);
  deliveries = 0;
  process.send?.(received);
});
process.send?.({ ready: true });
