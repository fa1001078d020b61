/** `POST /import/number-services`: services as CSV or JSON lines; what becomes of them is answered line by line while they come. */
import type { Columns } from '@numberyard/kit/files/import-lines';
import { answerImport } from '@numberyard/kit/files/import-route';
import type { RouteAnswer, RouteRequest } from '@numberyard/kit/service/routes';
import type { CommandContext } from '../commands/context.js';
import { serviceImport } from '../commands/services/import-number-services.js';

const TAKEN = {
  kind: 'TEXT',
  name: 'TEXT',
  line: 'WHOLE_NUMBER',
  number: 'TEXT',
  cluster: 'TEXT',
  partition: 'TEXT',
  mac: 'TEXT',
  vendor: 'TEXT',
  node: 'TEXT',
} as const;

const LINES: Columns<typeof TAKEN> = { taken: TAKEN, required: ['kind', 'name', 'number'], passedOver: new Set() };

/** @throws GraphQLError BAD_USER_INPUT, Refused */
export function importNumberServices(deps: CommandContext, request: RouteRequest): Promise<RouteAnswer> {
  return answerImport(deps, request, LINES, (options) => serviceImport(deps, request.identity, options));
}
