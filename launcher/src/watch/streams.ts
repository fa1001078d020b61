/** The streams `npm run watch` knows: an operation each, and a line per event. */
import { readOperation } from '@numberyard/schema/operations';

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
    document: readOperation('WatchCooling'),
    line: numberLine,
  },
  numbers: {
    title: 'all changes of numbers',
    field: 'numberChanged',
    document: readOperation('WatchNumbers'),
    line: numberLine,
  },
  syncs: {
    title: 'runs of data syncs and their progress',
    field: 'syncRunUpdated',
    document: readOperation('WatchSyncs'),
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
