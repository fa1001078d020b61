import { decide } from '@numberyard/kit/commands/decide';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import type { NumberService } from '../../domain/number-service.js';
import { notFound, type RefusalCode } from '../../domain/refusals.js';
import { edited, editOf, kindProblems } from '../../domain/service-edit.js';
import { numberServices } from '../../models/number-services.js';
import { nowOf, type CommandContext } from '../context.js';
import { holdersOfMacs, holdersOfNames, takenProblems } from './holders.js';
import { Sharing } from './sharing.js';

export interface UpdateNumberServiceInput {
  readonly id: string;
  /** Null: it stays; likewise of the number and the vendor. */
  readonly name?: string | null;
  readonly number?: string | null;
  /** Null or empty: none; likewise of the partition and the MAC. */
  readonly cluster?: string | null;
  readonly partition?: string | null;
  readonly mac?: string | null;
  readonly vendor?: string | null;
}

/** Refuses NOT_FOUND, INVALID, OUT_OF_RANGE, REQUIRED, ALREADY_EXISTS. */
export async function updateNumberService(
  context: CommandContext,
  identity: Identity,
  input: UpdateNumberServiceInput,
): Promise<Outcome<NumberService, RefusalCode>> {
  const { store } = context;
  const { id, name, number, vendor, ...removable } = input;
  const { edit, problems: misfits } = editOf({
    ...removable,
    ...(name != null && { name }),
    ...(number != null && { number }),
    ...(vendor != null && { vendor }),
  });
  return decide<Outcome<NumberService, RefusalCode>>(store, async () => {
    const service = await store.get(numberServices, id);
    if (!service || !isWithin(service.path, identity.path)) return { value: refused(notFound('service', 'id')) };
    const next = edited(service, edit, nowOf(context));
    const problems = [
      ...misfits,
      ...kindProblems(service.kind, next).filter(({ field }) => !misfits.some((misfit) => misfit.field === field)),
    ];
    if (problems.length > 0) return { value: refused(...problems) };
    if (next === service) return { value: done(service) };
    const taken = takenProblems(next, await holdersOfNames(store, [next]), await holdersOfMacs(store, [next]), {
      name: edit.name === undefined ? 'cluster' : 'name',
      mac: edit.mac === undefined ? 'cluster' : 'mac',
    });
    taken.push(...(await Sharing.of(store, [next])).problems(next, service));
    if (taken.length > 0) return { value: refused(...taken) };
    return { value: done(next), commit: { save: [save(numberServices, next)] } };
  });
}
