import { decide } from '@numberyard/kit/commands/decide';
import { newId } from '@numberyard/kit/crypto/id';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import { ancestorsOf } from '@numberyard/kit/hierarchy/node';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import type { NumberService, ServiceKind } from '../../domain/number-service.js';
import type { RefusalCode } from '../../domain/refusals.js';
import { editOf, kindProblems, type ServiceEdit, type ServiceInput } from '../../domain/service-edit.js';
import { numberServices } from '../../models/number-services.js';
import { nowOf, type CommandContext } from '../context.js';
import { holdersOfMacs, holdersOfNames, takenProblems } from './holders.js';
import { servicePlace, type ServicePlace } from './service-place.js';
import { Sharing } from './sharing.js';

export interface CreateNumberServiceInput extends ServiceInput {
  readonly node: string;
  readonly kind: ServiceKind;
  readonly name: string;
  readonly number: string;
}

/** Refuses NOT_FOUND, WRONG_NODE_TYPE, INVALID, OUT_OF_RANGE, REQUIRED, ALREADY_EXISTS. */
export async function createNumberService(
  context: CommandContext,
  identity: Identity,
  input: CreateNumberServiceInput,
): Promise<Outcome<NumberService, RefusalCode>> {
  const { store } = context;
  const { node, kind, ...given } = input;
  const { edit, problems: misfits } = editOf(given);
  const id = newId();
  return decide<Outcome<NumberService, RefusalCode>>(store, async () => {
    const place = await servicePlace(context, identity, node);
    const problems = [
      ...('refusal' in place ? [place.refusal] : []),
      ...misfits,
      // What a MAC or vendor lacks in form it does not lack altogether.
      ...kindProblems(kind, edit).filter(({ field }) => !misfits.some((misfit) => misfit.field === field)),
    ];
    if ('refusal' in place || problems.length > 0) return { value: refused(...problems) };
    const service = newService(id, place, kind, edit, nowOf(context));
    const taken = [
      ...takenProblems(service, await holdersOfNames(store, [service]), await holdersOfMacs(store, [service])),
      ...(await Sharing.of(store, [service])).problems(service),
    ];
    if (taken.length > 0) return { value: refused(...taken) };
    return { value: done(service), commit: { expect: [place.expect], save: [save(numberServices, service)] } };
  });
}

/** @param edit with name and number */
export function newService(
  id: string,
  { customer, node, path }: ServicePlace,
  kind: ServiceKind,
  edit: ServiceEdit,
  now: string,
): NumberService {
  const { name = '', number = '', line = 1, cluster = '', partition = '', mac, vendor } = edit;
  return {
    id,
    version: 0,
    customer,
    node,
    path,
    ancestors: ancestorsOf(path),
    kind,
    name,
    line,
    number,
    cluster,
    partition,
    ...(mac && { mac }),
    ...(vendor && { vendor }),
    createdAt: now,
    updatedAt: now,
  };
}
