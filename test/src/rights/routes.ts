/** The routes beside the graph, as calls: what each is asked with, and which of its parameters name a thing. */
import type { Route } from '@numberyard/schema/operation-powers';
import type { SubgraphName } from '@numberyard/schema/sdl';
import type { Identity } from '@numberyard/kit/identity/identity';
import { Refused } from '@numberyard/kit/service/message';
import { askRoute } from '@numberyard/kit/service/routes';
import type { Places } from './places.js';
import type { Kind, Things } from './things.js';

export interface RouteCall {
  readonly subgraph: SubgraphName;
  /** Parameters that name a thing. */
  readonly names: Readonly<Record<string, Kind>>;
  /** The parameter it is not asked without, naming something of its kind at the caller's own node. */
  readonly needs?: string;
  /** A parameter that says where another answer ended: the id of something of its kind. */
  readonly goesOn?: { readonly parameter: string; readonly kind: Kind };
  /** What is sent, as CSV. */
  body?(things: Things): string;
}

const EXPORT_NUMBERS: RouteCall = {
  subgraph: 'number-inventory',
  names: { within: 'HierarchyNode', connection: 'AudioCodesConnection' },
  goesOn: { parameter: 'after', kind: 'InventoryNumber' },
};
const EXPORT_FINDINGS: RouteCall = { subgraph: 'audit', names: { run: 'AuditRun' }, needs: 'run' };

export const ROUTE_CALLS: Readonly<Record<Route, RouteCall>> = {
  'GET /export/numbers.csv': EXPORT_NUMBERS,
  'GET /export/numbers.jsonl': EXPORT_NUMBERS,
  'POST /import/numbers': {
    subgraph: 'number-inventory',
    names: { node: 'HierarchyNode' },
    needs: 'node',
    body: (things) => `number\n${things.digits()}`,
  },
  'GET /export/audit-findings.csv': EXPORT_FINDINGS,
  'GET /export/audit-findings.jsonl': EXPORT_FINDINGS,
  'POST /import/number-services': {
    subgraph: 'audit',
    names: { node: 'HierarchyNode' },
    needs: 'node',
    body: (things) => `kind,name,number\nHUNT_PILOT,${things.fresh('pilot-')},${things.digits()}`,
  },
};

/** What a route came to: all of its answer, or what it was refused with. */
export type RouteTold = { readonly text: string } | { readonly refused: Pick<Refused, 'status' | 'code' | 'message'> };

export async function callRoute(
  places: Places,
  things: Things,
  route: Route,
  as: Identity,
  parameters: Readonly<Record<string, string>>,
): Promise<RouteTold> {
  const [method = '', path = ''] = route.split(' ');
  const { subgraph, body } = ROUTE_CALLS[route];
  const sent = Buffer.from(body?.(things) ?? '');
  try {
    const answer = await askRoute(places.subgraphs[subgraph].routes ?? new Map(), method, {
      path,
      search: new URLSearchParams(parameters),
      headers: body ? { 'content-type': 'text/csv', 'idempotency-key': things.fresh('key-') } : {},
      identity: as,
      requestId: 'test',
      body: (async function* () {
        yield await Promise.resolve(sent);
      })(),
      signal: new AbortController().signal,
    });
    let text = '';
    for await (const chunk of answer.body) text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return { text };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { status, code, message } = error;
    return { refused: { status, code, message } };
  }
}
