/** What is served beside the graph. */
import type { Routes } from '@numberyard/kit/service/routes';
import { guardRoute } from '@numberyard/schema/guard';
import type { CommandContext } from '../commands/context.js';
import { exportFindings } from './export-findings.js';
import { importNumberServices } from './import-number-services.js';

export function createRoutes(commands: CommandContext): Routes {
  const { store } = commands;
  return new Map([
    guardRoute('GET /export/audit-findings.csv', (request) => exportFindings(store, 'csv', request)),
    guardRoute('GET /export/audit-findings.jsonl', (request) => exportFindings(store, 'jsonl', request)),
    guardRoute('POST /import/number-services', (request) => importNumberServices(commands, request)),
  ]);
}
