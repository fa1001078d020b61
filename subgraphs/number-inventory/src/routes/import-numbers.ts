/** `POST /import/numbers`: numbers as CSV or JSON lines; what becomes of them is answered line by line while they come. */
import type { Columns } from '@numberyard/kit/files/import-lines';
import { answerImport } from '@numberyard/kit/files/import-route';
import type { RouteAnswer, RouteRequest } from '@numberyard/kit/service/routes';
import type { Deps } from '../commands/context.js';
import { numberImport } from '../commands/import-numbers.js';
import { COLUMNS } from './number-columns.js';

const TAKEN = {
  number: 'TEXT',
  node: 'TEXT',
  description: 'TEXT',
  tag: 'TEXT',
  e164: 'TEXT',
  extras: 'TEXTS',
} as const;

/** An export has more columns than an import can take; these say what follows from other things. */
const LINES: Columns<typeof TAKEN> = {
  taken: TAKEN,
  required: ['number'],
  passedOver: new Set(COLUMNS.map(({ name }) => name).filter((name) => !Object.hasOwn(TAKEN, name))),
};

/** @throws GraphQLError BAD_USER_INPUT, Refused */
export function importNumbers(deps: Deps, request: RouteRequest): Promise<RouteAnswer> {
  const { identity, requestId } = request;
  return answerImport(deps, request, LINES, (options) => numberImport(deps, { identity, requestId }, options));
}
