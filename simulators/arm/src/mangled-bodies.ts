/** Ways to send an answer that a well-behaved server does not know. */
import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.js';

export function writeHead(response: ServerResponse, answer: Answer, length: number): void {
  response.writeHead(answer.status, {
    ...(length > 0 && { 'content-type': 'application/json; charset=utf-8' }),
    'content-length': length,
    ...answer.headers,
  });
}

export function cutShort(response: ServerResponse, head: Answer, body: Buffer, bytes = body.length >>> 1): void {
  writeHead(response, head, body.length);
  response.write(body.subarray(0, Math.min(bytes, body.length - 1)), () => response.destroy());
}

export function drip(response: ServerResponse, head: Answer, body: Buffer, bytes: number, milliseconds: number): void {
  writeHead(response, head, body.length);
  response.flushHeaders();
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + bytes));
    sent += bytes;
    if (sent < body.length) return;
    clearInterval(timer);
    response.end();
  }, milliseconds);
  response.on('close', () => clearInterval(timer));
}

export function notJson(response: ServerResponse, head: Answer): void {
  const page = Buffer.from('<html><body>The service is being maintained.</body></html>');
  response.writeHead(head.status, { 'content-type': 'text/html', 'content-length': page.length });
  response.end(page);
}

/** A list that goes on for as long as somebody reads it. */
export function endless(response: ServerResponse, head: Answer): void {
  response.writeHead(head.status, { 'content-type': 'application/json; charset=utf-8' });
  const piece = Buffer.from('null,'.repeat(20_000));
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  response.write('{"items":[');
  more();
}
