import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { followers } from '@numberyard/kit/workers/collections';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asService, openWorld, type World } from './service-world.js';

let world: World;
beforeEach(async () => {
  world = await openWorld({ limits: { longPolls: 2 } });
});
afterEach(() => world.close());

interface Line {
  readonly position?: number;
  readonly type?: string;
  readonly upTo?: number;
  readonly state?: { epoch: string; head: number; floors: object };
}

async function read(search: string): Promise<{ status: number; lines: Line[] }> {
  const { status, text } = await world.call(`/internal/log${search}`);
  const lines = text.trimEnd().split('\n');
  return { status, lines: lines.map((line) => JSON.parse(line) as Line) };
}

describe('the log of a service', () => {
  it('is told as lines, an event each, and last how far it was read and where it stands', async () => {
    await world.append('Told', 2);
    await world.append('Other');
    const { lines } = await read('?after=0&types=Told&limit=10');
    expect(lines.map(({ position, type }) => [position, type])).toEqual([
      [1, 'Told'],
      [2, 'Told'],
      [undefined, undefined],
    ]);
    expect(lines[2]).toEqual({ upTo: 3, state: await world.store.log.state() });
    expect((await read('?after=1&limit=1')).lines.map(({ position, upTo }) => position ?? upTo)).toEqual([2, 2]);
  });

  it('tells where it stands alone with a limit of 0', async () => {
    await world.append('Told', 3);
    expect((await read('?limit=0')).lines).toEqual([{ upTo: 0, state: await world.store.log.state() }]);
  });

  it('waits for news when asked to, and answers as soon as something was appended', async () => {
    await world.append('Told');
    const waiting = [read('?after=1&wait=25'), read('?after=1&limit=0&wait=25')];
    await waitUntil('both to wait', async () => world.seen.listening === 2);
    await world.append('Told');
    const [events, state] = await Promise.all(waiting);
    expect(events?.lines[0]).toMatchObject({ position: 2 });
    expect(state?.lines[0]?.state?.head).toBe(2);
    expect(world.seen.listening).toBe(0);
  });

  it('does not wait when there is news, nor where the head is another than the one known', async () => {
    await world.append('Told');
    expect((await read('?after=0&wait=25')).lines).toHaveLength(2);
    expect((await read('?after=9&limit=0&wait=25')).lines[0]?.state?.head).toBe(1);
  });

  it('gives up a wait when its caller goes, and when the time is over', async () => {
    const leaving = world.client();
    const left = leaving
      .once({ method: 'GET', path: '/internal/log?after=0&wait=25', timeout: 60_000 })
      .catch(() => 'left');
    await waitUntil('it to wait', async () => world.seen.listening === 1);
    await leaving.close();
    expect(await left).toBe('left');
    await waitUntil('the wait to be given up', async () => world.seen.listening === 0);
    expect((await read('?after=0&wait=1')).lines[0]?.upTo).toBe(0);
  });

  it('lets only so many wait at a time', async () => {
    const waiting = [read('?after=0&wait=25'), read('?after=0&wait=25')];
    await waitUntil('two to wait', async () => world.seen.listening === 2);
    expect((await read('?after=0&wait=25')).status).toBe(503);
    expect((await read('?after=0')).status).toBe(200);
    await world.append('Told');
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('ends an answer that would grow too large at an event, to be gone on with from there', async () => {
    const count = 150;
    for (let third = 0; third < 3; third += 1) await world.append('Told', count / 3, { text: 'x'.repeat(60_000) });
    const positions: (number | undefined)[] = [];
    let answers = 0;
    for (let after = 0; after < count; answers += 1) {
      const { lines } = await read(`?after=${after}&limit=1000`);
      positions.push(...lines.slice(0, -1).map(({ position }) => position));
      after = lines.at(-1)?.upTo ?? Infinity;
    }
    expect(positions).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect(answers).toBe(3);
  });

  it('keeps how far a declared follower is, when it tells so itself', async () => {
    await world.append('Told', 4);
    const { epoch } = await world.store.log.state();
    const path = `/internal/log?after=4&follower=other&applied=${epoch}`;
    expect((await world.call(`${path}.2`, { caller: asService })).status).toBe(400);
    await world.call(`${path}.3`, { caller: { service: 'other' } });
    await waitUntil('it to be kept', async () => (await world.store.get(followers, 'other'))?.position === 3);
  });

  it('is away while the database is, so that whoever follows it tries again', async () => {
    world.state.away = true;
    const { status, json } = await world.call('/internal/log');
    expect([status, json.errors?.[0]?.extensions['code']]).toEqual([503, 'UNAVAILABLE']);
  });

  it.each([
    '?after=-1',
    '?after=1.5',
    '?after=99999999999999999',
    '?limit=1001',
    '?wait=26',
    '?types=',
    '?types=a,,b',
    `?types=${Array.from({ length: 101 }, () => 'a').join(',')}`,
    '?follower=other',
    '?applied=e.1',
    '?follower=Other!&applied=e.1',
    '?follower=other&applied=1',
    '?until=1',
  ])('refuses %s', async (search) => {
    expect((await read(search)).status).toBe(400);
  });
});
