/** Cursors of lists inside things (a number's history, a run's issues …): one that belongs to something out of sight tells nothing of it. */
import { isWithin } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import { registeredUsers } from '@numberyard/connections/models/registered-users';
import { syncIssues } from '@numberyard/connections/models/sync-runs';
import { needOf, powersFor } from '@numberyard/schema/operation-powers';
import { hasPower, ROLES } from '@numberyard/schema/rights';
import { subgraphNames, type SubgraphName } from '@numberyard/schema/sdl';
import { isObjectType, type ExecutionResult } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selectionOf } from '../src/plans/questions.js';
import { leaks } from '../src/rights/leaks.js';
import { markOf, openPlaces, type Places } from '../src/rights/places.js';
import { Things, type Kind } from '../src/rights/things.js';

let places: Places;
let things: Things;
beforeAll(async () => {
  places = await openPlaces();
  things = await Things.fill(places);
  await fillLists();
});
afterAll(() => places?.close());

/** What a device or a sync would have written. */
async function fillLists(): Promise<void> {
  const time = '2026-01-01T00:00:00.000Z';
  const users = things.of('AudioCodesConnection').map(({ id: connection, place }) => {
    const mark = markOf(place);
    const about = {
      armId: mark,
      aor: `${mark}@x`,
      state: 'OFFLINE',
      sbc: mark,
      sbcName: mark,
      changedAt: time,
    } as const;
    return save(registeredUsers, { id: `${connection}.u`, version: 0, connection, ...about });
  });
  const issues = things.of('SyncRun').map(({ id: run, place }) => {
    const about = { kind: 'NOT_A_NUMBER', subject: markOf(place), message: markOf(place), time } as const;
    return save(syncIssues, { id: `${run}.i`, version: 0, run, ...about });
  });
  await places.stores.connections.commit({ save: [...users, ...issues] });
}

interface List {
  readonly subgraph: SubgraphName;
  readonly kind: Kind;
  readonly field: string;
  readonly document: string;
}

/** Lists in pages that stand in a thing that is resolved by reference. */
function nestedLists(): List[] {
  return subgraphNames.flatMap((subgraph) =>
    Object.values(places.subgraphs[subgraph].schema.getTypeMap()).flatMap((type) => {
      const isRoot = ['Query', 'Mutation', 'Subscription'].includes(type.name);
      if (!isObjectType(type) || isRoot) return [];
      const paged = Object.values(type.getFields()).filter(({ args }) => args.some(({ name }) => name === 'after'));
      return paged.map(({ name, type: connection }) => {
        const list = `${name}(first: 1, after: $after) ${selectionOf(connection, 4)}`;
        const asked = `_entities(representations: $representations) { ... on ${type.name} { ${list} } }`;
        const document = `query ($representations: [_Any!]!, $after: String) { ${asked} }`;
        return { subgraph, kind: type.name as Kind, field: name, document };
      });
    }),
  );
}

function ask({ subgraph, kind, document }: List, as: Parameters<Places['run']>[0]['as'], id: string, after?: string) {
  const variables = { representations: [{ __typename: kind, id }], after: after ?? null };
  return places.run({ subgraph, document, variables, as });
}

function pageOf({ data }: ExecutionResult, { field }: List): { endCursor: string | null } | undefined {
  const [thing] = (data as { _entities: Record<string, { pageInfo: { endCursor: string | null } }>[] })._entities;
  return thing?.[field]?.pageInfo;
}

test('of every list in a thing', async () => {
  const lists = nestedLists();
  expect(lists.map(({ kind, field }) => `${kind}.${field}`).sort()).toEqual([
    'AudioCodesConnection.registeredUsers',
    'AuditRun.findings',
    'InventoryNumber.history',
    'SyncRun.issues',
  ]);
  for (const list of lists) {
    const { kind, field } = list;
    for (const stranger of things.of(kind)) {
      const cursor = pageOf(await ask(list, places.root, stranger.id), list)?.endCursor;
      const isFilled = stranger.place.isHome;
      if (isFilled)
        expect([kind, field, stranger.place.name, typeof cursor]).toEqual([kind, field, stranger.place.name, 'string']);
      if (!cursor) continue;
      for (const at of ['customer', 'site'] as const) {
        for (const role of ROLES) {
          const caller = places.identity(role, [], places.place(at));
          if (!powersFor(needOf('Entity', kind) ?? 'READ').every((power) => hasPower(caller, power))) continue;
          const own = things.at(kind, places.place(at))?.id ?? '';
          if (isWithin(stranger.place.path, caller.path)) continue;
          const told = await ask(list, caller, own, cursor);
          const where = [kind, field, caller.label, stranger.place.name];
          expect([...where, leaks(places, caller, told.data)]).toEqual([...where, []]);
          const codes = (told.errors ?? []).map(({ extensions }) => extensions['code']);
          expect([...where, codes.filter((code) => code !== 'BAD_USER_INPUT')]).toEqual([...where, []]);
        }
      }
    }
  }
});
