/** `GET /export/audit-findings.csv` and `.jsonl`: the findings of a run that are asked for, a line each, as many as there are. */
import { answerExport, type ExportForm } from '@numberyard/kit/files/export-lines';
import { badInput } from '@numberyard/kit/graph/errors';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { RouteAnswer, RouteRequest } from '@numberyard/kit/service/routes';
import type { Store } from '@numberyard/kit/storage/port';
import { allFindings, type FindingQuery } from '../commands/all-findings.js';
import { findAuditRun } from '../commands/find-audit-run.js';
import { FINDING_KINDS, type FindingKind } from '../domain/finding.js';
import { FINDING_COLUMNS } from './finding-columns.js';

/** The graph's `AuditFindingFilter`, and what only a file has. */
const PARAMETERS = ['run', 'kind', 'numberStartsWith', 'after', 'bom'] as const;
type Parameters = Readonly<Partial<Record<(typeof PARAMETERS)[number], string>>>;

/** @throws GraphQLError BAD_USER_INPUT that names the parameter */
export async function exportFindings(
  store: Store,
  form: ExportForm,
  { identity, search, signal }: RouteRequest,
): Promise<RouteAnswer> {
  const given = readParameters(search);
  const query = await queryOf(store, identity, given);
  const beginning = { resumed: given.after !== undefined, bom: readBom(given) };
  const pages = allFindings(store, query);
  return answerExport({ form, name: 'audit-findings', columns: FINDING_COLUMNS, pages, ...beginning, signal });
}

function readParameters(search: URLSearchParams): Parameters {
  const given: Partial<Record<(typeof PARAMETERS)[number], string>> = {};
  for (const [name, value] of search) {
    const known = PARAMETERS.find((each) => each === name);
    if (!known) throw badInput(name, 'is no parameter of an export of findings.');
    if (given[known] !== undefined) throw badInput(name, 'may be given once.');
    given[known] = value;
  }
  return given;
}

async function queryOf(store: Store, identity: Identity, given: Parameters): Promise<FindingQuery> {
  const { run, kind, numberStartsWith, after } = given;
  if (run === undefined) throw badInput('run', 'must be the id of an audit.');
  if (!(await findAuditRun(store, identity, run))) throw badInput('run', 'There is no such audit.');
  return {
    run,
    filter: { kind: kind === undefined ? null : kindOf(kind), numberStartsWith: numberStartsWith ?? null },
    after,
  };
}

function kindOf(value: string): FindingKind {
  const kind = FINDING_KINDS.find((each) => each === value);
  if (!kind) throw badInput('kind', `must be one of ${FINDING_KINDS.join(', ')}.`);
  return kind;
}

function readBom({ bom }: Parameters): boolean {
  if (bom !== undefined && bom !== '1') throw badInput('bom', 'must be 1.');
  return bom === '1';
}
