import { save } from '@numberyard/kit/storage/port';
import { randomFrom } from '@numberyard/kit/testing/random';
import type { AuditedUse } from '@numberyard/schema/internal';
import { afterEach, expect, test } from 'vitest';
import { applyAudit } from '../../src/commands/apply-audit.js';
import { SERVICE_KINDS, type NumberService, type ServiceKind } from '../../src/domain/number-service.js';
import { useOf } from '../../src/domain/service-use.js';
import { numberServices } from '../../src/models/number-services.js';
import { device, usesAsText } from './owners.js';
import { reseller, World } from './process.js';
import { service } from './service.js';

const NUMBERS = 400;
const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const number = (index: number) => `+4930${String(index).padStart(5, '0')}`;

/** A customer of whom everything is at random, the same for the same seed. */
async function customer(seed: number): Promise<{ readonly world: World; readonly services: readonly NumberService[] }> {
  const random = randomFrom(seed);
  const any = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const world = await World.open();
  worlds.push(world);
  world.owners.pageSize = 1 + Math.floor(random() * 60);
  world.owners.emptyPages = random() < 0.5;
  const kinds = Object.keys(SERVICE_KINDS) as ServiceKind[];
  const services: NumberService[] = [];
  for (let index = 0; index < NUMBERS; index += 1) {
    const here = number(index);
    const expected: AuditedUse[] = [];
    while (random() < 0.3) {
      world.owners.register(`user${index}.${expected.length}`, here);
      expected.push(device(`user${index}.${expected.length}`));
    }
    while (random() < 0.2) {
      const kind = any(kinds);
      const own = kind === 'MULTI_VENDOR_PHONE' ? { vendor: 'Acme' } : {};
      services.push(
        service(`service${index}.${services.length}`, here, { kind, cluster: any(['', 'east', 'west']), ...own }),
      );
      const { ref, usage, vendor } = useOf(services.at(-1) as NumberService);
      expected.push({ source: 'SERVICE', ref, usage, vendor });
    }
    if (random() < 0.15) continue;
    const right = random() < 0.6 ? expected : random() < 0.5 ? [device('gone')] : [];
    const assigned = random() < 0.1 ? [{ source: 'ASSIGNMENT', ref: 'order', usage: 'USER', vendor: null }] : [];
    const held = random() < 0.05 ? { status: any(['COOLING', 'RESERVED']) } : {};
    world.owners.keep(here, [...right, ...assigned], held);
  }
  await world.commit(...services.map((each) => save(numberServices, each)));
  return { world, services };
}

/** What uses each number besides assignments, and what is kept of it. */
function holdsTrue({ owners }: World, services: readonly NumberService[]): void {
  for (let index = 0; index < NUMBERS; index += 1) {
    const here = number(index);
    const kept = owners.numbers.get(here);
    if (kept?.status === 'COOLING' || kept?.status === 'RESERVED') continue;
    const expected = [
      ...[...owners.users.values()].filter((user) => user.number === here).map(({ ref }) => device(ref)),
      ...services.filter((each) => each.number === here).map((each) => ({ ...useOf(each), source: 'SERVICE' })),
    ];
    const uses = kept?.uses.filter(({ source }) => source !== 'ASSIGNMENT') ?? [];
    expect(usesAsText(uses)).toBe(usesAsText(expected));
  }
}

test.each(Array.from({ length: 8 }, (_, index) => index + 1))(
  'an audit makes any customer true, and a dry run that is applied makes the same of it (seed %i)',
  async (seed) => {
    const { world, services } = await customer(seed);
    const before = new Map([...world.owners.numbers].map(([name, kept]) => [name, { ...kept }]));
    const run = await world.audit();
    holdsTrue(world, services);
    const { created, updated, unchanged, skipped } = run.counts;
    expect(created + updated + unchanged + skipped).toBe(run.compared);
    expect(created + updated).toBe(world.owners.corrected.length);
    // Nothing is deleted.
    for (const name of before.keys()) expect(world.owners.numbers.has(name)).toBe(true);
    const again = await world.audit();
    expect(again.counts).toMatchObject({ created: 0, updated: 0, unchanged: created + updated + unchanged, skipped });

    const { world: other } = await customer(seed);
    const dry = await other.audit({ dryRun: true });
    expect([...other.owners.numbers]).toEqual([...before]);
    expect(dry.counts).toEqual(run.counts);
    const outcome = await applyAudit(other.context, reseller, { run: dry.id });
    const applied = await other.ended(outcome.ok ? outcome.value.id : '');
    expect(applied.counts).toMatchObject({ created, updated });
    const sorted = (all: World) => [...all.owners.numbers].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(other)).toEqual(sorted(world));
  },
);
