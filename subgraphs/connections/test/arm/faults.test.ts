import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault } from '@numberyard/simulator-arm/routing-manager';
import { describe, expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { client, failureOf, listed, manager, sleeplessClock } from './routing-manager.js';

describe('a fault that passes is ridden out', () => {
  test.each<Fault>([
    { kind: 'failed-page', onPage: 2, times: 2 },
    { kind: 'failed-page', onPage: 1, times: 1, status: 502 },
    { kind: 'failed-page', onPage: 3, times: 2, status: 504 },
    { kind: 'cut-page', onPage: 2, times: 2 },
    { kind: 'cut-page', onPage: 2, times: 1, bytes: 0 },
    { kind: 'unavailable', times: 2 },
    { kind: 'throttled', times: 2 },
    { kind: 'slow-drip', onPage: 3, bytes: 50_000, milliseconds: 1 },
    { kind: 'huge-field', onPage: 1 },
  ])('$kind on page $onPage, $times times', async (fault) => {
    const arm = await manager();
    arm.control.fault(fault);
    expect(await listed(client(arm))).toHaveLength(2500);
    expect(arm.control.faults.list().filter(({ times }) => times !== undefined)).toEqual([]);
  });
});

describe('a fault that stays fails the listing, after the pages before it', () => {
  test.each<{ fault: Fault; code: string; says: string; sleeps: number }>([
    { fault: { kind: 'failed-page', onPage: 2 }, code: 'UNEXPECTED_ANSWER', says: 'status 500', sleeps: 2 },
    { fault: { kind: 'failed-page', onPage: 2, status: 501 }, code: 'UNEXPECTED_ANSWER', says: '501', sleeps: 0 },
    { fault: { kind: 'cut-page', onPage: 2 }, code: 'UNEXPECTED_ANSWER', says: 'broke off in the middle', sleeps: 2 },
    { fault: { kind: 'unauthorized', onPage: 2 }, code: 'CREDENTIALS_REFUSED', says: 'user name', sleeps: 0 },
    { fault: { kind: 'forbidden', onPage: 2 }, code: 'CREDENTIALS_REFUSED', says: 'rights', sleeps: 0 },
    { fault: { kind: 'throttled', onPage: 2 }, code: 'UNEXPECTED_ANSWER', says: 'status 429', sleeps: 2 },
    { fault: { kind: 'bad-json', onPage: 2 }, code: 'UNEXPECTED_ANSWER', says: 'JSON', sleeps: 0 },
    { fault: { kind: 'redirect', onPage: 2, location: '/' }, code: 'UNEXPECTED_ANSWER', says: '302', sleeps: 0 },
    { fault: { kind: 'wrong-shape', onPage: 2 }, code: 'UNEXPECTED_ANSWER', says: 'items[0].aor', sleeps: 0 },
    {
      fault: { kind: 'wrong-shape', onPage: 2, field: 'state' },
      code: 'UNEXPECTED_ANSWER',
      says: 'items[0].state',
      sleeps: 0,
    },
    {
      fault: { kind: 'feature-disabled', onPage: 2, answer: '404' },
      code: 'UNEXPECTED_ANSWER',
      says: 'registered users feature',
      sleeps: 0,
    },
  ])('$fault', async ({ fault, code, says, sleeps }) => {
    const arm = await manager();
    const clock = sleeplessClock();
    arm.control.fault(fault);
    const pages = client(arm, {}, { clock }).pages();
    expect((await pages.next()).value).toMatchObject({ offset: 0, items: { length: 1000 } });
    const error = await failureOf(pages.next());
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
    expect(clock.slept).toHaveLength(sleeps);
  });

  test('an answer longer than allowed is not read to its end', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'huge-field' });
    const to = client(arm, {}, { bounds: { responseBytes: 1_000_000 } });
    const error = await failureOf(listed(to));
    expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER', transient: false });
    expect(error.message).toContain('longer than allowed');
  });

  test('an answer that never ends is read to the bound and no further', async () => {
    const sent: number[] = [];
    const endless = createServer((request, response) => {
      const { socket } = request;
      socket.once('close', () => sent.push(socket.bytesWritten));
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void endless.close());
    await new Promise((resolve) => endless.once('listening', resolve));
    const to = client(
      { address: `127.0.0.1:${(endless.address() as AddressInfo).port}` },
      {},
      { bounds: { responseBytes: 1_000_000 } },
    );
    const error = await failureOf(to.nodes());
    expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER', transient: false });
    expect(error.message).toContain('longer than allowed');
    await waitUntil('the server to see its sockets closed', () => Promise.resolve(sent.some((bytes) => bytes > 0)));
    // What the system buffers between the two is read by nobody.
    expect(Math.max(...sent)).toBeLessThan(16_000_000);
  });

  test('headers that never end are not read to their end', async () => {
    const endless = createTcpServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        for (let index = 0; index < 2_000; index += 1) socket.write(`x-${index}: ${'y'.repeat(100)}\r\n`);
      });
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void endless.close());
    await new Promise((resolve) => endless.once('listening', resolve));
    const address = `127.0.0.1:${(endless.address() as AddressInfo).port}`;
    expect(await failureOf(client({ address }).nodes())).toMatchObject({ code: 'UNEXPECTED_ANSWER' });
  });

  test('a listing that never ends is given up a little beyond twice what it said', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'endless-list' });
    const offsets: number[] = [];
    const all = (async () => {
      for await (const { offset } of client(arm).pages()) offsets.push(offset);
    })();
    expect(await failureOf(all)).toMatchObject({ code: 'UNEXPECTED_ANSWER' });
    expect(Math.max(...offsets)).toBeLessThan(15_000);
  });

  test('a body that stops coming ends at the bound between two pieces', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'slow-drip', bytes: 1, milliseconds: 60_000 });
    const idle = { bounds: { bodyMs: 200 }, tries: 1 };
    expect(await failureOf(listed(client(arm, {}, idle)))).toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      transient: true,
    });
  });

  test('a page that drips for ever and an answer that does not come end at the bound of the call', async () => {
    const arm = await manager();
    const bounded = { bounds: { callMs: 1_500 }, tries: 1 };
    arm.control.fault({ kind: 'slow-drip', bytes: 1, milliseconds: 20 });
    expect(await failureOf(listed(client(arm, {}, bounded)))).toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      transient: true,
    });
    arm.control.clearFaults();
    arm.control.fault({ kind: 'slow-answer', milliseconds: 60_000 });
    expect(await failureOf(client(arm, {}, bounded).nodes())).toMatchObject({
      code: 'HOST_UNREACHABLE',
      transient: true,
    });
  });
});

describe('what only whoever sees the whole listing can judge is passed on as it was said', () => {
  test('an empty listing is one empty page', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'empty-list' });
    expect((await client(arm).pages().next()).value).toEqual({ items: [], total: 0, offset: 0 });
    expect(await listed(client(arm))).toEqual([]);
  });

  test('a repeated page is seen twice', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'repeated-page', onPage: 2 });
    const ids = await listed(client(arm));
    expect([ids.length, new Set(ids).size]).toEqual([2500, 1500]);
  });

  test('another total on a later page is told there', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'inconsistent-total', onPage: 2, by: -100 });
    const totals: number[] = [];
    for await (const { total } of client(arm).pages()) totals.push(total);
    expect(totals).toEqual([2500, 2400, 2500]);
  });

  test('an empty page before the total is reached ends the listing', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'short-page', onPage: 2, items: 0 });
    expect(await listed(client(arm))).toHaveLength(1000);
  });

  test('after a short page the listing goes on where that one ended', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'short-page', onPage: 1, items: 300, times: 1 });
    const offsets: number[] = [];
    for await (const { offset } of client(arm).pages()) offsets.push(offset);
    expect(offsets).toEqual([0, 300, 1300, 2300]);
  });

  test('devices that go between two pages make later ones be skipped, one that flaps is left out and can be asked for', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'mutating-list', onPage: 1, times: 1, count: 5 });
    const ids = await listed(client(arm));
    expect(ids).toContain('r1000');
    expect(ids).not.toContain('r1001');
    arm.control.fault({ kind: 'flap', number: '+493000010' });
    expect(await listed(client(arm))).not.toContain('r11');
    expect(await client(arm).user('r11')).toMatchObject({ id: 'r11' });
  });
});

test('Retry-After is honoured, up to half a minute', async () => {
  const arm = await manager();
  const clock = sleeplessClock();
  arm.control.fault({ kind: 'throttled', times: 1, retryAfter: 7 });
  arm.control.fault({ kind: 'throttled', times: 2, retryAfter: 86_400 });
  await client(arm, {}, { clock, tries: 4 }).serverStatus();
  expect(clock.slept).toHaveLength(2);
  expect(clock.slept[0]).toBe(7000);
  expect(clock.slept[1]).toBe(30_000);
});

describe('what is no routing manager', () => {
  async function server(listener: RequestListener): Promise<{ address: string }> {
    const started = createServer(listener).listen(0, '127.0.0.1');
    await new Promise((resolve) => started.once('listening', resolve));
    onTestFinished(() => {
      started.closeAllConnections();
      started.close();
    });
    return { address: `127.0.0.1:${(started.address() as AddressInfo).port}` };
  }

  test('a 404 that is not its own says nothing about a registered user', async () => {
    const proxy = await server((_request, response) => response.writeHead(404).end('<h1>Not Found</h1>'));
    const error = await failureOf(client(proxy).user('r1'));
    expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER' });
  });

  test.each([
    ['a page of another offset', { items: [], total: 5, offset: 7 }, 'registered users.offset'],
    ['a total that is none', { items: [], total: -1, offset: 0 }, 'registered users.total'],
    ['more than was asked for', { items: [1, 2], total: 2, offset: 0 }, 'registered users.items'],
    ['no object', [], 'registered users'],
    ['null', null, 'registered users'],
  ])('%s is refused with the name of the field', async (_what, body, field) => {
    const odd = await server((_request, response) => response.end(JSON.stringify(body)));
    const error = await failureOf(client(odd).registeredUserCount());
    expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER' });
    expect(error.message).toContain(`${field}.`);
  });

  test('a token that would break out of its header is refused', async () => {
    const odd = await server((_request, response) => response.end(JSON.stringify({ token: 'a\r\nx: y' })));
    const error = await failureOf(client(odd, { authenticationMethod: 'SESSION' }).nodes());
    expect(error.message).toContain('login.token');
  });

  test.each([
    ['http://169.254.169.254/latest', 'ADDRESS_NOT_ALLOWED'],
    ['https://arm.example/ARM/v1/nodes', 'ADDRESS_NOT_ALLOWED'],
    ['//arm.example/', 'ADDRESS_NOT_ALLOWED'],
    ['http://127.0.0.1/', 'ADDRESS_NOT_ALLOWED'],
    ['http://[::1', 'ADDRESS_NOT_ALLOWED'],
    ['/elsewhere', 'UNEXPECTED_ANSWER'],
    ['?again', 'UNEXPECTED_ANSWER'],
  ])('a redirect to %s is not followed: %s', async (location, code) => {
    const arm = await manager();
    arm.control.fault({ kind: 'redirect', location });
    expect(await failureOf(client(arm).nodes())).toMatchObject({ code, transient: false });
  });

  test('a redirect from HTTP to HTTPS of the same host and port leads to no other host', async () => {
    const arm = await manager();
    arm.control.fault({ kind: 'redirect', location: `https://${arm.address}/` });
    expect(await failureOf(client(arm).nodes())).toMatchObject({ code: 'UNEXPECTED_ANSWER' });
  });

  test('a redirect leads nowhere, wherever it points', async () => {
    let followed = false;
    const there = await server((_request, response) => {
      followed = true;
      response.end();
    });
    const arm = await manager();
    arm.control.fault({ kind: 'redirect', location: `http://${there.address}/` });
    expect(await failureOf(client(arm).nodes())).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED', transient: false });
    expect(followed).toBe(false);
  });
});
