/**
 * Stops reading from a client that does not read what it is sent. Whatever a client says is answered, so one that only talks could otherwise fill the
 * memory with answers; once all of them have left the process, it is heard again.
 */
import type { WebSocket } from 'ws';

/** @param limit unsent bytes above which nothing more is read from the socket */
export function applyBackpressure(socket: WebSocket, limit: number): void {
  const check = (): void => {
    if (socket.bufferedAmount <= limit || socket.isPaused || socket.readyState !== socket.OPEN) return;
    socket.pause();
    // It is written behind everything that waits, and so tells when that has gone.
    socket.ping(undefined, undefined, () => socket.resume());
  };
  socket.on('message', check);
  // Answered by ws itself.
  socket.on('ping', check);
}
