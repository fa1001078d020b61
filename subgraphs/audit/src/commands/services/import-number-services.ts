/** An import of services: what its lines ask for, and what becomes of them. */
import { newId } from '@numberyard/kit/crypto/id';
import type { Judgement, Verdict } from '@numberyard/kit/files/import-batch';
import type { ImportOptions, ImportRules, LineName } from '@numberyard/kit/files/import-run';
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { save, type Expectation, type Save } from '@numberyard/kit/storage/port';
import type { NumberService } from '../../domain/number-service.js';
import type { AuditRefusal } from '../../domain/refusals.js';
import { edited, kindProblems, macNameOf, nameOf } from '../../domain/service-edit.js';
import { draftOf, type ServiceDraft, type ServiceLine } from '../../domain/service-line.js';
import { numberServices } from '../../models/number-services.js';
import type { CommandContext } from '../context.js';
import { newService } from './create-number-service.js';
import { holdersOfMacs, holdersOfNames, takenProblems, type Holders } from './holders.js';
import { PlacesOfLines, type ServicePlace } from './service-place.js';
import { Sharing } from './sharing.js';

type Deps = Pick<CommandContext, 'store' | 'hierarchy'>;

/** A line as the service it would be if there were none yet. */
interface Placed {
  readonly made: NumberService;
  readonly place: ServicePlace;
  readonly draft: ServiceDraft;
}

type Judged =
  | { readonly verdict: 'CREATED' | 'UPDATED'; readonly service: NumberService; readonly place: ServicePlace }
  | { readonly verdict: Exclude<Verdict, 'CREATED' | 'UPDATED'> };

export function serviceImport(
  deps: Deps,
  identity: Identity,
  { node, existing }: Pick<ImportOptions, 'node' | 'existing'>,
): ImportRules<ServiceLine, ServiceDraft> {
  const places = new PlacesOfLines(deps, identity);
  return {
    draft: (fields) => draftOf(fields, node),
    async namesOf(draft): Promise<LineName[]> {
      const place = await places.of(draft.node);
      return 'refusal' in place ? [] : namesOf(newService('', place, draft.kind, draft.edit, ''));
    },
    async judge(drafts, now) {
      places.renew();
      const placed: (Placed | { readonly refusal: AuditRefusal })[] = [];
      for (const draft of drafts) {
        const place = await places.of(draft.node);
        const { kind, edit } = draft;
        placed.push('refusal' in place ? place : { made: newService(newId(), place, kind, edit, now), place, draft });
      }
      return judge(deps, identity, placed, existing === 'update', now);
    },
  };
}

function namesOf(service: NumberService): LineName[] {
  const mac = macNameOf(service);
  return [
    { id: `name\n${nameOf(service)}`, field: 'name', what: 'kind, cluster, name and line' },
    ...(mac === undefined ? [] : [{ id: `mac\n${mac}`, field: 'mac', what: 'MAC and line in its cluster' }]),
  ];
}

/** @param update whether what exists is changed, or stays as it is */
async function judge(
  { store }: Deps,
  identity: Identity,
  lines: readonly (Placed | { readonly refusal: AuditRefusal })[],
  update: boolean,
  now: string,
): Promise<Judgement> {
  const made = lines.flatMap((line) => ('made' in line ? [line.made] : []));
  const names = await holdersOfNames(store, made);
  const macs = await holdersOfMacs(store, made);
  const sharing = await Sharing.of(store, made);
  // Of lines whose node was made only after their names were compared.
  const claimed = new Set<string>();
  const judged = lines.map((line): Judged => {
    if ('refusal' in line) return { verdict: { refused: [line.refusal] } };
    const again = namesOf(line.made).find(({ id }) => claimed.has(id));
    if (again) return { verdict: { refused: [earlierLine(again)] } };
    for (const { id } of namesOf(line.made)) claimed.add(id);
    const known = names.get(nameOf(line.made));
    if (!known) return judgeNew(line, names, macs, sharing);
    if (!update || !isWithin(known.path, identity.path)) return { verdict: 'EXISTING' };
    return judgeKnown(known, line, names, macs, sharing, now);
  });
  return { verdicts: judged.map(({ verdict }) => verdict), commit: commitOf(judged) };
}

function earlierLine({ field, what }: LineName): AuditRefusal {
  return { code: 'ALREADY_EXISTS', message: `An earlier line of this import has the same ${what}.`, field };
}

function judgeNew({ made, place, draft }: Placed, names: Holders, macs: Holders, sharing: Sharing): Judged {
  const refused = [
    ...kindProblems(draft.kind, draft.edit),
    ...takenProblems(made, names, macs),
    ...sharing.problems(made),
  ];
  if (refused.length > 0) return { verdict: { refused } };
  sharing.take(made);
  return { verdict: 'CREATED', service: made, place };
}

function judgeKnown(
  known: NumberService,
  { place, draft }: Placed,
  names: Holders,
  macs: Holders,
  sharing: Sharing,
  now: string,
): Judged {
  const next = edited(known, draft.edit, now);
  const refused = [
    ...kindProblems(known.kind, next),
    ...takenProblems(next, names, macs),
    ...sharing.problems(next, known),
  ];
  if (refused.length > 0) return { verdict: { refused } };
  if (next === known) return { verdict: 'EXISTING' };
  sharing.take(next, known);
  return { verdict: 'UPDATED', service: next, place };
}

function commitOf(judged: readonly Judged[]): Judgement['commit'] {
  const expect = new Map<string, Expectation>();
  const saves: Save[] = [];
  for (const each of judged) {
    if (!('service' in each)) continue;
    saves.push(save(numberServices, each.service));
    if (each.verdict === 'CREATED') expect.set(each.place.expect.id, each.place.expect);
  }
  return { expect: [...expect.values()], save: saves };
}
