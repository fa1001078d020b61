/** One line of an import of services: what it asks for, by the same rules as a single service. */
import { SERVICE_KINDS, type ServiceKind } from './number-service.js';
import type { AuditRefusal } from './refusals.js';
import { editOf, type ServiceEdit, type ServiceInput } from './service-edit.js';

/** As it is given; what is not given stays as it is on a service that exists. */
export interface ServiceLine extends ServiceInput {
  readonly kind?: string | null;
  /** Id of the customer or site; default: the import's. */
  readonly node?: string | null;
}

export interface ServiceDraft {
  readonly node: string;
  readonly kind: ServiceKind;
  /** With name, line, number and cluster. */
  readonly edit: ServiceEdit;
}

/** @param node where lines that name no node belong */
export function draftOf(
  { kind: givenKind, node: givenNode, ...given }: ServiceLine,
  node: string | undefined,
): { readonly draft: ServiceDraft } | { readonly problems: readonly AuditRefusal[] } {
  // Those by which a service is known are asked for whether or not they are given.
  const { name = '', number = '', line, cluster } = given;
  const { edit, problems: misfits } = editOf({ ...given, name, number, line: line ?? 1, cluster: cluster ?? '' });
  const kind = givenKind?.trim() ?? '';
  const home = givenNode?.trim() || node;
  const problems = [
    ...(isKind(kind) ? [] : [kindProblem(kind)]),
    ...misfits,
    ...(home ? [] : [refusal('REQUIRED', 'Give a node here or for the whole import.', 'node')]),
  ];
  if (!home || !isKind(kind) || problems.length > 0) return { problems };
  return { draft: { node: home, kind, edit } };
}

function isKind(text: string): text is ServiceKind {
  return Object.hasOwn(SERVICE_KINDS, text);
}

function kindProblem(kind: string): AuditRefusal {
  if (kind === '') return refusal('REQUIRED', 'Give a kind.', 'kind');
  return refusal('INVALID', `A kind is one of ${Object.keys(SERVICE_KINDS).join(', ')}.`, 'kind');
}

function refusal(code: AuditRefusal['code'], message: string, field: string): AuditRefusal {
  return { code, message, field };
}
