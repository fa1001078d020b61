/** What an audit reads of the inventory. */
import { encodePosition, readPageArguments } from '@numberyard/kit/graph/page';
import type { Store } from '@numberyard/kit/storage/port';
import type { AuditedNode, AuditedNumber, Listing } from '@numberyard/schema/internal';
import { isConsistent, markOf } from '../domain/audited-number.js';
import { nodeFields, nodes } from '../models/node.js';
import { numbers, type NumberDoc } from '../models/number.js';

export async function auditedNode(store: Store, id: string): Promise<AuditedNode | undefined> {
  const node = await store.get(nodes, id);
  if (!node) return undefined;
  const counts = await store.counts(numbers, 'byKind', id);
  return { node: nodeFields(node), numbers: counts.reduce((sum, { count }) => sum + count, 0) };
}

/** In order of number; all there is to tell of a number is in the number. */
export async function auditedNumbers(
  store: Store,
  customer: string,
  after: string | undefined,
  limit: number,
): Promise<Listing<AuditedNumber>> {
  const position = readPageArguments({ first: limit, after: after ?? null });
  const page = await store.find(numbers, { key: 'byNumber', equals: [customer], ...position });
  return { items: page.items.map(auditedNumber), ...(page.after && { after: encodePosition(page.after) }) };
}

function auditedNumber(number: NumberDoc): AuditedNumber {
  return {
    number: number.number,
    node: number.node,
    level: number.node === number.customer ? 'CUSTOMER' : 'SITE',
    status: number.status,
    uses: number.uses.map(({ source, ref, usage, vendor }) => ({ source, ref, usage, vendor: vendor ?? null })),
    consistent: isConsistent(number),
    mark: markOf(number),
  };
}
