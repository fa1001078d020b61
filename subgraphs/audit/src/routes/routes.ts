/** What is served beside the graph. */
import type { Routes } from '@numberyard/kit/service/routes';
import { guardRoute } from '@numberyard/schema/guard';
import type { CommandContext } from '../commands/context.js';
import { importNumberServices } from './import-number-services.js';

export function createRoutes(commands: CommandContext): Routes {
  return new Map([guardRoute('POST /import/number-services', (request) => importNumberServices(commands, request))]);
}
