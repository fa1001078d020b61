/** A sync and an audit of the same customer at the same time, while devices come and go: the inventory ends as the devices say. */
import { randomInt } from 'node:crypto';
import { numbers, type NumberDoc } from '@numberyard/number-inventory/models/number';
import { randomFrom } from '@numberyard/kit/testing/random';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deviceUse, inventoryNumber, put, registeredUser, saveNew } from '../src/audit/documents.js';
import { audit, auditEnded, findingsOf, startAudit } from '../src/audit/steps.js';
import { allDocuments } from '../src/world/all-documents.js';
import { connect, createCustomer, ended, queueRun, setMacro, sync } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

const SEED = Number(process.env['AUDIT_SEED'] ?? randomInt(2 ** 31));
const ROUNDS = 4;
const DEVICES = 600;
const FIRST = 4_930_000_000;

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

it(`the inventory is right after syncs and audits at the same time (AUDIT_SEED=${SEED})`, async () => {
  const random = randomFrom(SEED);
  const client = world.client();
  const { customer, reseller, sites } = await createCustomer(world, 'Busy');
  const site = sites[0] ?? '';
  // What leaves is free again at once, so that what an audit may correct is many numbers in every round.
  await setMacro(client, customer, 'audiocodes_cooling_duration', 'PT1S');
  const manager = await world.routingManager({ users: { count: DEVICES, firstNumber: `+${FIRST}` } });
  const connection = await connect(client, site, 'main', manager);
  await sync(client, connection.sync);
  const inventory = world.store('number-inventory');
  for (let round = 0; round < ROUNDS; round += 1) {
    const ghosts = Array.from({ length: 100 }, (_, index) => `+${FIRST + 10_000 + round * 100 + index}`);
    const place = { customer, node: site, path: [world.provider, reseller, customer, site].join('.') };
    const used = (number: string) => deviceUse(registeredUser(connection.id, `ghost${number.slice(1)}`, number));
    await put(
      inventory,
      ghosts.map((number) => saveNew(inventoryNumber(place, number, { uses: [used(number)] }))),
    );
    for (let index = 0; index < DEVICES / 3; index += 1) {
      const number = `+${FIRST + Math.floor(random() * DEVICES)}`;
      if (random() < 0.5) manager.control.bringBack(number);
      else manager.control.drop(number);
    }
    // Some devices register with numbers that are wrongly Used.
    for (const number of ghosts) if (random() < 0.2) manager.control.register(number);
    const [run, audited] = await Promise.all([
      queueRun(client, connection.sync),
      startAudit(client, { customer, level: 'CUSTOMER' }),
    ]);
    expect(await ended(client, run)).toMatchObject({ error: null });
    expect(await auditEnded(client, audited)).toMatchObject({ state: 'SUCCEEDED', error: null });
    const listed = manager.control.list(0, 100_000).items.filter(({ state }) => state === 'ONLINE');
    const registered = new Set(listed.map(({ aor }) => /\+\d+/.exec(aor)?.[0]));
    const left = await findingsOf(client, audited, { kind: 'CHANGED_MEANWHILE' });
    const numbersNow = () => allDocuments(inventory, numbers, 'byNumber', [customer]);
    expect(wrong(await numbersNow(), registered, new Set(left.map(({ number }) => number)))).toEqual([]);
    expect(await audit(client, { customer, level: 'CUSTOMER' })).toMatchObject({ state: 'SUCCEEDED' });
    expect(wrong(await numbersNow(), registered, new Set())).toEqual([]);
  }
});

/** What is wrong with the numbers, as sentences. @param changed numbers that the audit left as it found them, because the sync changed them meanwhile */
function wrong(
  all: readonly NumberDoc[],
  registered: ReadonlySet<string | undefined>,
  changed: ReadonlySet<string | null>,
): string[] {
  const problems = all.flatMap(({ number, status, uses }) => {
    const isThere = registered.has(number);
    if (isThere && status !== 'USED') return [`${number} is ${status} and in use`];
    if (changed.has(number)) return [];
    if (status === 'USED' && !isThere) return [`${number} is Used by nothing`];
    return uses.length === (isThere ? 1 : 0) ? [] : [`${number} has ${uses.length} uses`];
  });
  const there = new Set<string | undefined>(all.map(({ number }) => number));
  return [
    ...problems,
    ...[...registered].filter((number) => !there.has(number)).map((number) => `${number} is missing`),
  ];
}
