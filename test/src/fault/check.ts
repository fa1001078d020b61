/** What must hold of the data whenever the process was killed, checked on the files it left. */
import { collections as connectionsCollections } from '@numberyard/connections/main';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import type { LoggedEvent } from '@numberyard/kit/log/event';
import type { Store } from '@numberyard/kit/storage/port';
import { collections as numberCollections } from '@numberyard/number-inventory/main';
import { numbers, type NumberDoc } from '@numberyard/number-inventory/models/number';
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
      problems.push(...(await store.verify()));
      const latest = await readLog(store, problems);
      if (name === 'number-inventory') await checkNumbers(store, latest, claims, problems);
    } finally {
      await store.close();
    }
  }
  return problems;
}

/** Dense positions, and the last event of each entity. */
async function readLog(store: Store, problems: string[]): Promise<Map<string, LoggedEvent>> {
  const latest = new Map<string, LoggedEvent>();
  const { head } = await store.log.state();
  let position = 0;
  while (position < head) {
    const { events, upTo } = await store.log.read({ after: position, limit: 1_000 });
    for (const event of events) {
      if (event.position !== position + 1) problems.push(`${store.name}: ${event.position} follows ${position}`);
      position = event.position;
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
  const all = new Map<string, NumberDoc>();
  let after: readonly (string | number)[] | undefined;
  do {
    const page = await store.find(numbers, { key: 'byNumber', limit: 1_000, ...(after ? { after } : {}) });
    for (const doc of page.items) all.set(doc.id, doc);
    after = page.after;
  } while (after);
  for (const doc of all.values()) {
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
    if (!all.get(number)?.uses.some((use) => use.ref === ref))
      problems.push(`the claim of ${number} for ${ref} is lost`);
  }
}
