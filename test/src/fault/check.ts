/** What must hold of the data whenever the process was killed, checked on the files it left. */
import { collections as connectionsCollections } from '@numberyard/connections/main';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import type { LoggedEvent } from '@numberyard/kit/log/event';
import type { Store } from '@numberyard/kit/storage/port';
import { collections as numberCollections } from '@numberyard/number-inventory/main';
import { numbers } from '@numberyard/number-inventory/models/number';
import { connections } from '@numberyard/connections/models/connections';
import { activeRuns, syncRuns } from '@numberyard/connections/models/sync-runs';
import { allDocuments } from '../world/all-documents.js';
import { Lives } from './lives.js';
import { shown } from '@numberyard/number-inventory/domain/status';

/** A claim the server acknowledged: it may never be forgotten. */
export interface Acknowledged {
  readonly number: string;
  readonly ref: string;
}

/** The problems found, as sentences; none when all is right. */
export async function checkData(folder: string, claims: readonly Acknowledged[]): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, collections] of [
    ['number-inventory', numberCollections],
    ['connections', connectionsCollections],
  ] as const) {
    const store = await openEmbeddedStore({ folder, name, collections });
    try {
      problems.push(...(await checkStore(store, claims)));
    } finally {
      await store.close();
    }
  }
  return problems;
}

/** The problems found in the store of the number inventory or of connections. */
export async function checkStore(store: Store, claims: readonly Acknowledged[]): Promise<string[]> {
  const problems = await store.verify();
  const latest = await readLog(store, problems);
  if (store.name === 'number-inventory') await checkNumbers(store, latest, claims, problems);
  else await checkRuns(store, problems);
  return problems;
}

/** A run that has not ended is the active one of its connection, and the active one has not ended: else it is stuck or two may run at once. */
async function checkRuns(store: Store, problems: string[]): Promise<void> {
  for (const connection of await allDocuments(store, connections, 'byCustomerName')) {
    const active = await store.get(activeRuns, connection.id);
    const open = (
      await Promise.all(
        ['QUEUED', 'RUNNING', 'APPLYING'].map((state) =>
          store.find(syncRuns, { key: 'byConnectionState', equals: [connection.id, state], limit: 10 }),
        ),
      )
    ).flatMap((page) => page.items.map((run) => run.id));
    if (open.length !== (active ? 1 : 0) || (active && active.run !== open[0])) {
      problems.push(`${connection.name}: runs not ended: [${open.join()}], active: ${active?.run ?? 'none'}`);
    }
  }
}

/** Dense positions, and the last event of each entity. */
async function readLog(store: Store, problems: string[]): Promise<Map<string, LoggedEvent>> {
  const lives = new Lives();
  const latest = new Map<string, LoggedEvent>();
  const { head } = await store.log.state();
  let position = 0;
  while (position < head) {
    const { events, upTo } = await store.log.read({ after: position, limit: 1_000 });
    for (const event of events) {
      if (event.position !== position + 1) problems.push(`${store.name}: ${event.position} follows ${position}`);
      position = event.position;
      problems.push(...[lives.problem(event) ?? []].flat());
      latest.set(event.entity, event);
    }
    if (events.length === 0) {
      problems.push(`${store.name}: nothing to read after ${position} though the head is ${head} (${upTo})`);
      break;
    }
  }
  return latest;
}

async function checkNumbers(
  store: Store,
  latest: ReadonlyMap<string, LoggedEvent>,
  claims: readonly Acknowledged[],
  problems: string[],
): Promise<void> {
  // Whatever happened happened below the provider, whose id every path begins with.
  const [provider = ''] = [...latest.values()].map(({ path }) => path.split('.', 1)[0]);
  const byId = new Map((await allDocuments(store, numbers, 'byNumber', [provider])).map((doc) => [doc.id, doc]));
  for (const doc of byId.values()) {
    const event = latest.get(`InventoryNumber:${doc.id}`);
    if (event?.fields['status'] !== doc.status) {
      problems.push(`${doc.number} is ${doc.status} but its last event says ${String(event?.fields['status'])}`);
    }
    const derived = shown(doc).status;
    if (derived !== doc.status) problems.push(`${doc.number} is ${doc.status} but follows to be ${derived}`);
    if (doc.uses.filter((use) => use.source === 'ASSIGNMENT').length > 1)
      problems.push(`${doc.number} is assigned twice`);
  }
  for (const { number, ref } of claims) {
    if (!byId.get(number)?.uses.some((use) => use.ref === ref))
      problems.push(`the claim of ${number} for ${ref} is lost`);
  }
}
