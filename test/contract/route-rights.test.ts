/** Every way in beside the graph, for every role: the table of operations and powers, and that a caller sees its node and what is below. */
import type { Identity } from '@numberyard/kit/identity/identity';
import { askRoute } from '@numberyard/kit/service/routes';
import { OPERATION_POWERS } from '@numberyard/schema/operation-powers';
import { hasPower, POWERS, ROLES } from '@numberyard/schema/rights';
import { passedRoutes } from '@numberyard/schema/routes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaks } from '../src/rights/leaks.js';
import { markOf, openPlaces, type Place, type PlaceName, type Places } from '../src/rights/places.js';
import { nowhere } from '../src/rights/samples.js';
import { Things } from '../src/rights/things.js';

/** Where the callers are: with something below, beside and above them. */
const CALLERS: readonly PlaceName[] = ['customer', 'site'];

let places: Places;
let things: Things;
beforeAll(async () => {
  places = await openPlaces();
  things = await Things.fill(places);
});
afterAll(() => places?.close());

describe.each(Object.entries(OPERATION_POWERS.Route))('%s', (name, need) => {
  const callers = () => CALLERS.flatMap((at) => ROLES.map((role) => places.identity(role, [], places.place(at))));
  const [method = '', path = ''] = name.split(' ');
  const subgraph = passedRoutes.find(({ prefix }) => path.startsWith(prefix))?.subgraph ?? 'audit';
  const isExportOfRuns = path.startsWith('/export/audit-findings');

  /** What is asked with nothing in the body; a refusal, or the whole answer, and what it cost. */
  async function ask(identity: Identity, run = '') {
    places.calls.clear();
    const answer = askRoute(places.subgraphs[subgraph].routes ?? new Map(), method, {
      path,
      search: new URLSearchParams(isExportOfRuns ? { run } : {}),
      headers: { 'content-type': 'text/csv', 'idempotency-key': things.fresh() },
      identity,
      requestId: 'test',
      body: (async function* () {})(),
      signal: new AbortController().signal,
    });
    const told = await answer.then(
      async ({ body }) => ({ text: await joined(body), status: 200 }),
      (error: unknown) => ({
        text: String(error).replaceAll(run || 'the id given', 'the id given'),
        status: statusOf(error),
      }),
    );
    return { ...told, calls: places.calls.list };
  }

  test('is forbidden to whoever lacks the power, without a look at anything', async () => {
    for (const caller of callers()) {
      if (hasPower(caller, need)) continue;
      const refusal = await ask(
        caller,
        isExportOfRuns ? (things.at('AuditRun', places.place('customer'))?.id ?? '') : '',
      );
      expect([caller.label, refusal]).toEqual([
        caller.label,
        { text: expect.stringContaining(`may not ${POWERS[need].title}`), status: 403, calls: [] },
      ]);
    }
  });

  test('works for whoever has the power, and tells of nothing out of sight', async () => {
    for (const caller of callers()) {
      if (!hasPower(caller, need)) continue;
      const own = places.all.find(({ id }) => id === caller.node) as Place;
      const told = await ask(caller, things.at('AuditRun', own)?.id);
      // An import of nothing is no import.
      expect([caller.label, told.status]).toEqual([caller.label, method === 'GET' ? 200 : told.status]);
      expect([caller.label, leaks(places, caller, { text: told.text })]).toEqual([caller.label, []]);
      if (!isExportOfRuns) continue;
      expect(told.text).toContain(markOf(own));
      const hidden = await ask(caller, things.at('AuditRun', places.place('sibling'))?.id);
      expect(hidden).toEqual(await ask(caller, nowhere('AuditRun')));
      expect(hidden.status).toBe(400);
    }
  });
});

async function joined(body: AsyncIterable<string | Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += String(chunk);
  return text;
}

function statusOf(error: unknown): unknown {
  return (error as { readonly status?: unknown }).status;
}
