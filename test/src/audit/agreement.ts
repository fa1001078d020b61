/** What the history of numbers says an audit corrected, beside what the audit says. */
import { findings } from '@numberyard/audit/models/findings';
import type { Store } from '@numberyard/kit/storage/port';
import { allDocuments } from '../world/all-documents.js';

/** Kinds of finding that a correction may have, by the event it left in the number's history. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  CREATED: ['NumberAdded'],
  MARKED_USED: ['NumberUsed'],
  USES_CORRECTED: ['NumberChanged'],
  FREED: ['NumberFreed'],
  COOLED: ['NumberCoolingStarted'],
};

/** Corrections by run, each as kind and number, in order; made of the events whose cause is an audit. */
export async function correctionsInHistory(numbers: Store): Promise<Map<string, string[]>> {
  const runs = new Map<string, string[]>();
  const { head } = await numbers.log.state();
  for (let after = 0; after < head;) {
    const { events, upTo } = await numbers.log.read({ after, limit: 1_000 });
    for (const { type, cause, entity } of events) {
      const run = /^audit:(.+)$/.exec(cause ?? '')?.[1];
      if (run === undefined || !entity.startsWith('InventoryNumber:')) continue;
      const kind = Object.keys(EVENTS).find((each) => EVENTS[each]?.includes(type));
      runs.set(run, [...(runs.get(run) ?? []), `${kind ?? type} ${entity.split(':').at(-1)}`]);
    }
    if (upTo === after) break;
    after = upTo;
  }
  return new Map([...runs].map(([run, corrections]) => [run, corrections.sort()]));
}

/** The same as the findings of a run tell it. */
export async function correctionsFound(audit: Store, run: string): Promise<string[]> {
  const found = await allDocuments(audit, findings, 'byRun', [run]);
  return found
    .filter(({ outcome, kind }) => outcome === 'APPLIED' && kind in EVENTS)
    .map(({ kind, number }) => `${kind} ${number}`)
    .sort();
}
