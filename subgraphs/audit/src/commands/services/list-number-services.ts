import { badInput } from '@numberyard/kit/graph/errors';
import { findConnection, type Connection, type PageArguments } from '@numberyard/kit/graph/page';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Find } from '@numberyard/kit/storage/port';
import { normaliseNumber } from '@numberyard/schema/number';
import type { NumberService, ServiceKind } from '../../domain/number-service.js';
import { isStorable, LONGEST_NAME } from '../../domain/service-edit.js';
import { numberServices } from '../../models/number-services.js';
import type { CommandContext } from '../context.js';

export interface NumberServiceFilter {
  readonly within?: string | null;
  readonly kind?: ServiceKind | null;
  readonly number?: string | null;
  readonly nameStartsWith?: string | null;
}

export interface ListNumberServices extends PageArguments {
  readonly filter?: NumberServiceFilter | null;
}

/**
 * A page of services in order of name, or of number where the filter has one: each filter is one stretch of one key.
 * @throws GraphQLError BAD_USER_INPUT that names the condition, or for a page that does not fit
 */
export async function listNumberServices(
  { store, hierarchy }: Pick<CommandContext, 'store' | 'hierarchy'>,
  identity: Identity,
  { filter, ...page }: ListNumberServices,
): Promise<Connection<NumberService>> {
  const within = filter?.within ?? identity.node;
  if (within !== identity.node && !(await hierarchy.visibleNode(within, identity))) {
    throw badInput('filter.within', 'is no hierarchy node at or below yours.');
  }
  return findConnection(store, numberServices, findOf(within, filter ?? {}), page, (service) => service);
}

function findOf(within: string, filter: NumberServiceFilter): Pick<Find, 'key' | 'equals' | 'next'> {
  const { kind, number, nameStartsWith } = filter;
  const at = kind == null ? [within] : [within, kind];
  if (number != null) {
    if (nameStartsWith != null) throw badInput('filter.nameStartsWith', 'is not for use together with number.');
    const normalised = normaliseNumber(number.trim());
    if (normalised === undefined) throw badInput('filter.number', 'must be a number.');
    return { key: kind == null ? 'byNumber' : 'byNodeKindNumber', equals: [...at, normalised] };
  }
  const key = kind == null ? 'byNodeName' : 'byNodeKind';
  if (!nameStartsWith) return { key, equals: at };
  if (nameStartsWith.length > LONGEST_NAME || !isStorable(nameStartsWith))
    throw badInput('filter.nameStartsWith', `must be the beginning of a name, of at most ${LONGEST_NAME} characters.`);
  return { key, equals: at, next: { prefix: nameStartsWith } };
}
