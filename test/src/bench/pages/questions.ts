/** Every kind of page a client may ask for: each filter in each order it may come in, both ways, at nodes of every level, from any depth. */
import { encodePosition } from '@numberyard/kit/graph/page';
import { endingOf } from '@numberyard/number-inventory/domain/ending';
import { randomFrom } from '@numberyard/kit/testing/random';
import { CONNECTIONS, coolingTag, numberAt, releaseDate, TEAM, type Place } from './numbers.js';

export interface Question {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const PAGE = `query ($filter: NumberFilter, $orderBy: NumberOrder, $after: String) {
  numbers(filter: $filter, orderBy: $orderBy, first: 100, after: $after) {
    totalCount
    edges { cursor node { id number status usage vendor tag releaseDate hierarchyNode { id name } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

type Field = 'NUMBER' | 'RELEASE_DATE' | 'ENDING';

const KINDS: readonly object[] = [
  {},
  { status: ['COOLING'] },
  { status: ['USED', 'COOLING', 'RESERVED'] },
  { usage: 'HUNT_PILOT' },
  { vendor: 'AudioCodes' },
];
const OTHERS: readonly object[] = [
  {},
  { startsWith: '+4930' },
  { startsWith: '+49300012' },
  { tag: TEAM },
  { tag: coolingTag(7) },
  { connection: CONNECTIONS[0] },
  { connection: CONNECTIONS[1], tag: TEAM },
];
const ENDS: readonly object[] = [{ endsWith: '7' }, { endsWith: '4711' }];
const DATES: readonly object[] = [
  { releaseDateFrom: releaseDate(12), releaseDateBefore: releaseDate(13) },
  { releaseDateBefore: '2099-06-01T00:00:00.000Z' },
];

/** @param nodes to ask at, by name */
export function questionsOf(
  count: number,
  nodes: Readonly<Record<string, string>>,
  placeAt: (index: number) => Place,
  seed: number,
): Question[] {
  const random = randomFrom(seed);
  const questions: Question[] = [];
  const ask = (field: Field, filter: object) => {
    for (const [at, within] of Object.entries(nodes)) {
      for (const direction of ['ASC', 'DESC'] as const) {
        const depth = Math.floor(random() * count);
        const { number, id } = numberAt(depth, placeAt(depth));
        const position = {
          NUMBER: [number, id],
          RELEASE_DATE: [releaseDate(depth), number, id],
          ENDING: [endingOf(number), id],
        };
        const after = encodePosition(position[field]);
        const variables = { filter: { ...filter, within }, orderBy: { field, direction }, after };
        const name = `${field} ${JSON.stringify(filter)} at the ${at}`;
        questions.push({ name, query: PAGE, variables });
      }
    }
  };
  for (const kind of KINDS) {
    for (const other of OTHERS) {
      for (const field of ['NUMBER', 'RELEASE_DATE', 'ENDING'] as const) ask(field, { ...kind, ...other });
      for (const end of ENDS) ask('ENDING', { ...kind, ...other, ...end });
      for (const dates of DATES) ask('RELEASE_DATE', { ...kind, ...other, ...dates });
    }
  }
  // In no order, so that two questions of a kind do not follow each other.
  return questions
    .map((question) => ({ question, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ question }) => question);
}

/** Counts by status, usage and vendor at each node. */
export function summaries(nodes: Readonly<Record<string, string>>): Question[] {
  const query = `query ($within: ID) { numberSummary(within: $within) {
    total byStatus { status count } byUsage { usage count } byVendor { vendor count } } }`;
  return Object.entries(nodes).map(([at, within]) => ({ name: `summary at the ${at}`, query, variables: { within } }));
}

/** Almost nothing: what the way there and back costs. */
export function nothing(node: string): Question {
  return { name: 'nothing', query: 'query ($id: ID!) { hierarchyNode(id: $id) { id } }', variables: { id: node } };
}
