/** Whatever the drift: a dry run writes nothing, applied it gives the inventory a direct run gives, and a second audit has nothing to correct. */
import { randomInt } from 'node:crypto';
import { randomFrom } from '@numberyard/kit/testing/random';
import { representative } from '@numberyard/kit/testing/representative';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deviceUse, serviceUse } from '../src/audit/documents.js';
import { randomDrift, type Drift } from '../src/audit/drift.js';
import { openDrifting, seen, type Drifting } from '../src/audit/drifted-customer.js';
import { apply, audit, findingsOf, told, type StartInput } from '../src/audit/steps.js';
import { openWorld, type World } from '../src/world/world.js';

const SEED = Number(process.env['AUDIT_SEED'] ?? randomInt(2 ** 31));
const ROUNDS = Number(process.env['AUDIT_ROUNDS'] ?? 2);
const NUMBERS = 300;

let world: World;
let customer: Drifting;

beforeAll(async () => {
  world = await openWorld();
  customer = await openDrifting(world, 'Drifted');
});
afterAll(() => world?.close());

const levels = representative<readonly [name: string, level: StartInput['level'], sites: number | undefined]>(
  [
    ['customer and sites', 'CUSTOMER', undefined],
    ['two of three sites', 'SITE', 2],
    ['all sites', 'SITE', undefined],
  ],
  ([, level]) => level,
);

it.each(levels)(`a dry run that is applied equals a direct run: %s (AUDIT_SEED=${SEED})`, async (_, level, some) => {
  const random = randomFrom(SEED);
  const client = world.client();
  const { ids } = customer;
  const sites = some === undefined ? {} : { sites: ids.sites.slice(0, some) };
  const input: StartInput = { customer: ids.customer, level, ...sites };
  const inventory = async () => (await customer.inventory()).map(seen);
  for (let round = 0; round < ROUNDS; round += 1) {
    const drift = randomDrift(random, customer, NUMBERS);
    await customer.become(drift);
    const before = await inventory();
    const direct = await audit(client, input);
    expect(direct).toMatchObject({ state: 'SUCCEEDED', error: null });
    const afterDirect = await inventory();
    expect(afterDirect.length).toBeGreaterThanOrEqual(before.length);
    if (input.level === 'CUSTOMER') expect(wrong(await customer.inventory(), drift)).toEqual([]);

    await customer.become(drift);
    expect(await inventory()).toEqual(before);
    const head = (await world.store('number-inventory').log.state()).head;
    const dry = await audit(client, { ...input, dryRun: true });
    expect(dry).toMatchObject({ state: 'SUCCEEDED', counts: direct.counts });
    expect((await world.store('number-inventory').log.state()).head).toBe(head);
    expect(await inventory()).toEqual(before);
    const applied = await apply(client, dry.id);
    expect(applied).toMatchObject({ state: 'SUCCEEDED', error: null });
    expect(await inventory()).toEqual(afterDirect);
    const asApplied = (finding: string) => finding.replace('PROPOSED', 'APPLIED');
    const [proposed, direct_, done] = await Promise.all(
      [dry.id, direct.id, applied.id].map(async (id) => told(await findingsOf(client, id))),
    );
    expect(proposed?.map(asApplied)).toEqual(direct_);
    expect(done?.filter((each) => each.includes('APPLIED'))).toEqual(
      direct_?.filter((each) => each.includes('APPLIED')),
    );
    expect(done?.filter((each) => each.includes('CHANGED_MEANWHILE'))).toEqual([]);

    const second = await audit(client, input);
    expect(second).toMatchObject({ state: 'SUCCEEDED', counts: { created: 0, updated: 0 } });
    expect(told(await findingsOf(client, second.id))).toEqual(direct_?.filter((each) => !each.includes('APPLIED')));
    expect(await inventory()).toEqual(afterDirect);
  }
});

/** Numbers whose uses are not what uses them, but for those that an audit leaves alone. */
function wrong(after: Awaited<ReturnType<Drifting['inventory']>>, drift: Drift): string[] {
  const before = new Map(drift.numbers.map((number) => [number.number, number]));
  const expected = new Map<string, string[]>();
  const expectUse = (number: string, { source, ref }: { source: string; ref: string }) =>
    expected.set(number, [...(expected.get(number) ?? []), `${source} ${ref}`]);
  for (const user of drift.users) expectUse(user.number ?? '', deviceUse(user));
  for (const service of drift.services) expectUse(service.number, serviceUse(service));
  const problems = [...expected.keys()].flatMap((number) =>
    after.some((each) => each.number === number) ? [] : [`${number} is missing`],
  );
  for (const { number, status, uses } of after) {
    const old = before.get(number);
    if (old?.cooling || old?.reservation) continue;
    const assigned = (old?.uses ?? []).filter(({ source }) => source === 'ASSIGNMENT');
    const should = [...(expected.get(number) ?? []), ...assigned.map(({ source, ref }) => `${source} ${ref}`)].sort();
    const are = uses.map(({ source, ref }) => `${source} ${ref}`).sort();
    if (should.join() !== are.join()) problems.push(`${number}: [${are.join()}] instead of [${should.join()}]`);
    if (status.startsWith('USED') !== should.length > 0) problems.push(`${number} is ${status}`);
  }
  return problems;
}
