/** The streams `npm run watch` knows: an operation each, and a line per event. */

export interface WatchedStream {
  readonly title: string;
  readonly document: string;
  /** Name of the root field. */
  readonly field: string;
  line(event: Event): string;
}

/** An event as the operation asks for it; GraphQL's answer, so anything may be null. */
export interface Event {
  readonly cursor: string;
  readonly change: string;
  readonly [field: string]: unknown;
}

interface NumberPart {
  number: string;
  status: string;
  vendor: string | null;
  tag: string | null;
  releaseDate: string | null;
  hierarchyNode: { name: string };
  connection: { name: string } | null;
}

const numberParts = 'number status vendor tag releaseDate hierarchyNode { name } connection { name }';

function numberLine(event: Event): string {
  const number = event['number'] as NumberPart | null;
  if (!number) return `${event.change.padEnd(9)} ${String(event['id'])}`;
  const until = number.releaseDate ? `, release date ${number.releaseDate}` : '';
  const from = number.connection ? ` (${number.connection.name})` : '';
  return `${event.change.padEnd(9)} ${number.number} at ${number.hierarchyNode.name}: now ${number.status}${until}${from}`;
}

export const streams: Readonly<Record<string, WatchedStream>> = {
  cooling: {
    title: 'numbers that enter and leave cooling',
    field: 'coolingChanged',
    document: `subscription WatchCooling($within: ID, $after: String) {
  coolingChanged(within: $within, after: $after) { change id cursor releaseDate number { ${numberParts} } }
}`,
    line: numberLine,
  },
  numbers: {
    title: 'all changes of numbers',
    field: 'numberChanged',
    document: `subscription WatchNumbers($within: ID, $after: String) {
  numberChanged(filter: { within: $within }, after: $after) { change id cursor number { ${numberParts} } }
}`,
    line: numberLine,
  },
  syncs: {
    title: 'runs of data syncs and their progress',
    field: 'syncRunUpdated',
    document: `subscription WatchSyncs($within: ID, $after: String) {
  syncRunUpdated(within: $within, after: $after) {
    change cursor syncRun { id state kind connection { name } progress { fetched total added updated removed unchanged } error { message } }
  }
}`,
    line(event) {
      const run = event['syncRun'] as {
        state: string;
        kind: string;
        connection: { name: string };
        progress: Record<string, number | null>;
        error: { message: string } | null;
      };
      const counts = Object.entries(run.progress)
        .map(([name, count]) => `${name} ${count ?? '?'}`)
        .join(', ');
      return `${event.change.padEnd(10)} ${run.kind} of ${run.connection.name} ${run.state}: ${counts}${run.error ? ` — ${run.error.message}` : ''}`;
    },
  },
};
