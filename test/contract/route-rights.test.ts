/** Every way in beside the graph, for every role, about what is at, below, beside and above its node: as `rights.test.ts` does for the graph. */
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { OPERATION_POWERS, type Route } from '@numberyard/schema/operation-powers';
import { hasPower, POWERS, ROLES } from '@numberyard/schema/rights';
import { subgraphNames } from '@numberyard/schema/sdl';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaks } from '../src/rights/leaks.js';
import { markOf, openPlaces, type Place, type Places } from '../src/rights/places.js';
import { callRoute, ROUTE_CALLS, type RouteTold } from '../src/rights/routes.js';
import { nowhere } from '../src/rights/samples.js';
import { Things, type Kind } from '../src/rights/things.js';

const GIVEN = 'the id given';
const routes = Object.keys(OPERATION_POWERS.Route) as Route[];

let places: Places;
let things: Things;
beforeAll(async () => {
  places = await openPlaces();
  things = await Things.fill(places);
});
afterAll(() => places?.close());

test('the table names what the subgraphs serve, and nothing else', () => {
  const served = subgraphNames.flatMap((name) =>
    [...(places.subgraphs[name].routes ?? [])].map(([path, { method }]) => `${method} ${path}`),
  );
  expect(served.sort()).toEqual([...routes].sort());
});

describe.each(routes)('%s', (route) => {
  const need = OPERATION_POWERS.Route[route];
  const { names, needs, goesOn } = ROUTE_CALLS[route];
  const callers = () =>
    (['customer', 'site'] as const).flatMap((at) => ROLES.map((role) => places.identity(role, [], places.place(at))));
  const allowed = () => callers().filter((caller) => hasPower(caller, need));
  /** Each parameter that names a thing, with the thing there is at each place. */
  const targets = () =>
    Object.entries(names).flatMap(([parameter, kind]) =>
      places.all.flatMap((place) => {
        const thing = things.at(kind, place);
        return thing ? [{ parameter, kind, place, id: thing.id }] : [];
      }),
    );
  const call = (caller: Identity, parameters: Readonly<Record<string, string>>) => {
    const own = needs && (things.at(names[needs] as Kind, ownPlace(caller))?.id ?? '');
    const asked = { ...(needs && { [needs]: own }), ...parameters } as Record<string, string>;
    places.calls.clear();
    return callRoute(places, things, route, caller, asked);
  };

  test('is forbidden to whoever lacks the power, in the same words and without a look at anything', async () => {
    const message = (role: string) => `This key (${role}) may not ${POWERS[need].title}.`;
    for (const caller of callers()) {
      if (hasPower(caller, need)) continue;
      for (const { parameter, id } of [...targets(), { parameter: 'unknown', id: 'x' }]) {
        const told = await call(caller, { [parameter]: id });
        expect(told).toEqual({ refused: { status: 403, code: 'FORBIDDEN', message: message(caller.role) } });
        expect(places.calls.list).toEqual([]);
      }
    }
  });

  test('answers for what is out of sight as for what does not exist, with the same work', async () => {
    for (const caller of allowed()) {
      for (const { parameter, kind, place, id } of targets()) {
        if (isWithin(place.path, caller.path)) continue;
        const tell = async (each: string) => {
          const told = masked(await call(caller, { [parameter]: each }), each);
          return { told, calls: places.calls.list };
        };
        const hidden = await tell(id);
        expect([caller.label, place.name, hidden]).toEqual([caller.label, place.name, await tell(nowhere(kind))]);
        if (kind !== 'AudioCodesConnection') expect(JSON.stringify(hidden.told)).toMatch(/There is no such/);
        else if ('text' in hidden.told) expect(hidden.told.text.trim().split('\n').length).toBeLessThan(2);
      }
    }
  });

  test('works for whoever has the power, on what it sees, and tells of nothing else', async () => {
    for (const caller of allowed()) {
      for (const { parameter, kind, place, id } of targets()) {
        if (!isWithin(place.path, caller.path)) continue;
        const told = await call(caller, { [parameter]: id });
        const where = [caller.label, parameter, place.name];
        expect([...where, leaks(places, caller, told, id)]).toEqual([...where, []]);
        if (kind === 'AudioCodesConnection' && !hasPower(caller, 'READ')) {
          expect(told).toMatchObject({ refused: { status: 400, code: 'BAD_USER_INPUT' } });
          continue;
        }
        expect([...where, told]).toEqual([...where, { text: expect.any(String) as string }]);
        const { text } = told as { text: string };
        if (ROUTE_CALLS[route].body) expect(text).toMatch(/"created":1\b.*"refused":0/);
        if (parameter === 'run' && place.isHome) expect([...where, marksIn(text)]).toEqual([...where, [place.name]]);
        if (parameter === 'within')
          expect(marksIn(text)).toEqual(
            homes()
              .filter((home) => isWithin(home.path, place.path))
              .map(({ name }) => name),
          );
      }
    }
  });

  test('goes on from where nobody may have been, and tells of nothing else', async () => {
    if (!goesOn) return;
    for (const caller of allowed()) {
      for (const place of homes()) {
        const id = things.at(goesOn.kind, place)?.id ?? '';
        const told = await call(caller, { [goesOn.parameter]: id });
        expect([caller.label, place.name, leaks(places, caller, told)]).toEqual([caller.label, place.name, []]);
        expect(told).toEqual({ text: expect.any(String) as string });
      }
    }
  });
});

function ownPlace(caller: Identity): Place {
  return places.all.find(({ id }) => id === caller.node) as Place;
}

function homes(): Place[] {
  return places.all.filter(({ isHome }) => isHome);
}

/** Names of the places whose things a text tells of. */
function marksIn(text: string): string[] {
  return places.all.filter((place) => text.includes(markOf(place))).map(({ name }) => name);
}

function masked(told: RouteTold, id: string): RouteTold {
  return JSON.parse(JSON.stringify(told).replaceAll(id, GIVEN)) as RouteTold;
}
