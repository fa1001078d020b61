import { decide } from '@numberyard/kit/commands/decide';
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { asRead } from '@numberyard/kit/storage/port';
import type { NumberService } from '../../domain/number-service.js';
import { notFound, type AuditRefusal } from '../../domain/refusals.js';
import { numberServices } from '../../models/number-services.js';
import type { CommandContext } from '../context.js';

const MOST_DELETED = 1_000;
const PER_COMMIT = 500;

export interface DeletedServices {
  /** Ids, in the order they were given, each once. */
  readonly deleted: readonly string[];
  /** A reason for each that was not, by its place in the list; or for the whole list, when nothing was deleted. */
  readonly refusals: readonly AuditRefusal[];
}

/** Refuses REQUIRED and OUT_OF_RANGE of the list, NOT_FOUND of each. */
export async function deleteNumberServices(
  { store }: Pick<CommandContext, 'store'>,
  identity: Identity,
  { ids }: { readonly ids: readonly string[] },
): Promise<DeletedServices> {
  const problem = listProblem(ids);
  if (problem) return { deleted: [], refusals: [problem] };
  const distinct = [...new Set(ids)];
  const deleted: string[] = [];
  const refusals: AuditRefusal[] = [];
  for (let from = 0; from < distinct.length; from += PER_COMMIT) {
    const some = distinct.slice(from, from + PER_COMMIT);
    const gone = await decide(store, async () => {
      const found = await store.getMany(numberServices, some);
      const seen = found.filter(
        (service): service is NumberService => service !== undefined && isWithin(service.path, identity.path),
      );
      const remove = seen.map((service) => asRead(numberServices, service));
      return { value: new Set(seen.map(({ id }) => id)), ...(remove.length > 0 && { commit: { remove } }) };
    });
    for (const id of some)
      if (gone.has(id)) deleted.push(id);
      else refusals.push(notFound('service', `ids.${ids.indexOf(id)}`));
  }
  return { deleted, refusals };
}

function listProblem({ length }: readonly string[]): AuditRefusal | undefined {
  if (length === 0) return { code: 'REQUIRED', message: 'The list must not be empty.', field: 'ids' };
  if (length <= MOST_DELETED) return undefined;
  return { code: 'OUT_OF_RANGE', message: `At most ${MOST_DELETED} ids may be given.`, field: 'ids' };
}
