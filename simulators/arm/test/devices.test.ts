import { describe, expect, test } from 'vitest';
import { call, listing, page, smallManager } from './manager.js';

describe('devices', () => {
  test('an offline device is a record that says so, a dropped one is no record; both come back to their place', async () => {
    let now = 1_700_000_000_000;
    const manager = await smallManager({ now: () => now });
    const before = await listing(manager);
    now += 5000;
    expect(manager.control.takeOffline('+4930103')).toBe(1);
    expect(manager.control.drop('r6')).toBe(1);
    expect((await page(manager, 3, 1)).items[0]).toMatchObject({
      user: '+4930103',
      state: 'OFFLINE',
      lastUpdated: new Date(now).toISOString(),
    });
    expect(await listing(manager)).toEqual(before.filter((user) => user !== '+4930105'));
    expect((await call(manager, '/registeredUsers/r6')).status).toBe(404);

    manager.control.bringBack('+4930103');
    manager.control.bringBack('+4930105');
    expect(await listing(manager)).toEqual(before);
    expect((await page(manager, 5, 1)).items[0]).toMatchObject({ id: 'r6', state: 'ONLINE' });
  });

  test('a device nobody knows changes nothing', async () => {
    const manager = await smallManager();
    expect(manager.control.drop('+4930125')).toBe(0);
    expect(manager.control.drop('r26')).toBe(0);
    expect(await listing(manager)).toHaveLength(25);
  });

  test('the same address of record at two nodes is two records, and a drop takes both', async () => {
    const manager = await smallManager();
    manager.control.register('+4930100', '2');
    const twice = (await page(manager, 0, 100)).items.filter(({ user }) => user === '+4930100');
    expect(twice.map(({ aor, nodeId }) => [aor, nodeId])).toEqual([
      ['sip:+4930100@sip.example', '1'],
      ['sip:+4930100@sip.example', '2'],
    ]);
    expect(manager.control.drop('+4930100')).toBe(2);
  });

  test('a number without plus and a name are user parts like any other', async () => {
    const manager = await smallManager();
    manager.control.register('4930900');
    manager.control.register('lobby.phone');
    const { items } = await page(manager, 25);
    expect(items.map(({ aor }) => aor)).toEqual(['sip:4930900@sip.example', 'sip:lobby.phone@sip.example']);
  });

  test('registering one that is gone brings back its record', async () => {
    const manager = await smallManager();
    manager.control.drop('+4930102');
    expect(manager.control.register('+4930102', '1')).toBe('r3');
    expect((await page(manager, 0)).total).toBe(25);
  });

  test('leading zeros of a block of numbers stay', async () => {
    const manager = await smallManager({ users: { count: 3, firstNumber: '0098' } });
    expect(await listing(manager)).toEqual(['0098', '0099', '0100']);
    expect(manager.control.drop('98')).toBe(0);
    expect(manager.control.drop('0099')).toBe(1);
  });

  test('a hundred thousand changed at once leave the listing right', async () => {
    const manager = await smallManager({ users: { count: 150_000, firstNumber: '+1000000' } });
    manager.control.fault({ kind: 'mutating-list', count: 100_000, times: 1 });
    await page(manager, 0, 1);
    const { items, total } = await page(manager, 0, 1);
    expect([items[0]?.user, total]).toEqual(['+1100000', 50_000]);
    manager.control.dropAll();
    expect((await page(manager, 0)).total).toBe(0);
  });
});

describe('nodes', () => {
  test.each([
    { freeze: 'lock', thaw: 'unlock', shown: { adminState: 'LOCKED' } },
    { freeze: 'out-of-sync', thaw: 'in-sync', shown: { operationState: 'OUT_OF_SYNC' } },
  ] as const)('after $freeze its users stay as they were until $thaw', async ({ freeze, thaw, shown }) => {
    const manager = await smallManager();
    manager.control.changeNode('1', freeze);
    expect(await (await call(manager, '/nodes/1')).json()).toMatchObject(shown);
    manager.control.drop('+4930100');
    manager.control.takeOffline('+4930102');
    manager.control.register('+4930999', '1');
    manager.control.drop('+4930101');
    const frozen = await listing(manager);
    expect(frozen).toHaveLength(24);
    expect(frozen).not.toContain('+4930101');
    expect((await page(manager, 1, 1)).items[0]).toMatchObject({ user: '+4930102', state: 'ONLINE' });

    manager.control.changeNode('1', thaw);
    const after = await listing(manager);
    expect(after).not.toContain('+4930100');
    expect(after).toContain('+4930999');
    expect((await page(manager, 0, 1)).items[0]).toMatchObject({ user: '+4930102', state: 'OFFLINE' });
  });

  test('a node that is locked and out of sync stays frozen until it is neither', async () => {
    const manager = await smallManager();
    manager.control.changeNode('1', 'lock');
    manager.control.changeNode('1', 'out-of-sync');
    manager.control.drop('+4930100');
    manager.control.changeNode('1', 'unlock');
    expect(await listing(manager)).toContain('+4930100');
    manager.control.changeNode('1', 'in-sync');
    expect(await listing(manager)).not.toContain('+4930100');
  });

  test('its users may be missing meanwhile, from reads too', async () => {
    const manager = await smallManager();
    const before = await listing(manager);
    manager.control.changeNode('2', 'lock', 'missing');
    expect(await listing(manager)).toHaveLength(13);
    expect((await call(manager, '/registeredUsers/r2')).status).toBe(404);
    manager.control.changeNode('2', 'unlock');
    expect(await listing(manager)).toEqual(before);
  });
});

describe('coming and going', () => {
  function handTimer() {
    const timers: { milliseconds: number; callback: () => void }[] = [];
    return {
      timers,
      every: (milliseconds: number, callback: () => void) => {
        const timer = { milliseconds, callback };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    };
  }

  async function run(seed: number): Promise<string> {
    const { timers, every } = handTimer();
    const manager = await smallManager({ every, now: () => 0 });
    manager.control.startComingAndGoing({ perMinute: 120, seed, atMostAway: 5 });
    expect(timers.map(({ milliseconds }) => milliseconds)).toEqual([500]);
    const states: string[] = [];
    for (let tick = 0; tick < 60; tick += 1) {
      timers[0]?.callback();
      const { items } = await page(manager, 0, 100);
      const away = 25 - items.filter(({ state }) => state === 'ONLINE').length;
      expect(away).toBeLessThanOrEqual(5);
      states.push(items.map(({ user, state }) => `${user}${state}`).join());
    }
    manager.control.stopComingAndGoing();
    expect(timers).toEqual([]);
    return states.join('\n');
  }

  test('the same seed does the same, another one does not, and never are more away than allowed', async () => {
    const [first, again, other] = [await run(7), await run(7), await run(8)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('devices that are spared, and those somebody else took offline, stay as they are', async () => {
    const { timers, every } = handTimer();
    const manager = await smallManager({ every, now: () => 0 });
    const users = (await page(manager, 0, 100)).items.map(({ user }) => user);
    const [spared, offline] = users;
    manager.control.takeOffline(offline ?? '');
    manager.control.startComingAndGoing({ perMinute: 60, atMostAway: 100, spare: [spared ?? ''] });
    for (let round = 0; round < 60; round += 1) {
      for (let tick = 0; tick < 5; tick += 1) timers[0]?.callback();
      const online = new Set(
        (await page(manager, 0, 100)).items.flatMap(({ user, state }) => (state === 'ONLINE' ? [user] : [])),
      );
      expect([online.has(spared ?? ''), online.has(offline ?? '')]).toEqual([true, false]);
    }
  });

  test('closing stops the timer', async () => {
    const { timers, every } = handTimer();
    const manager = await smallManager({ every });
    manager.control.startComingAndGoing({ perMinute: 1 });
    await manager.close();
    expect(timers).toEqual([]);
  });
});
