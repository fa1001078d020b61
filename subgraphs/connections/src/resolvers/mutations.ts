import type { Outcome, Refusal } from '@numberyard/kit/graph/refusal';
import { cancelSyncRun } from '../commands/cancel-sync-run.js';
import type { CommandContext } from '../commands/context.js';
import { createConnection, type CreateConnectionInput, type SavedConnection } from '../commands/create-connection.js';
import { deleteConnection } from '../commands/delete-connection.js';
import { runDataSync, type RunDataSyncInput } from '../commands/run-data-sync.js';
import { testConnection } from '../commands/test-connection.js';
import { updateConnection, type UpdateConnectionInput } from '../commands/update-connection.js';
import { updateDataSync, type UpdateDataSyncInput } from '../commands/update-data-sync.js';
import { updateSchedule, type UpdateScheduleInput } from '../commands/update-schedule.js';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { OperationContext } from './context.js';
import { viewConnection, viewRun } from './views.js';

type Command<I, V> = (context: CommandContext, identity: Identity, input: I) => Promise<Outcome<V>>;
type Payload = Readonly<Record<string, unknown>> & { readonly userErrors: readonly Refusal[] };

/** A field that runs a command. GraphQL passes null for "leave as it is" as well, so nulls are taken away. */
function mutation<I extends object, V>(
  command: Command<I, V>,
  show: (value: V, context: OperationContext) => Readonly<Record<string, unknown>>,
) {
  return async (_: unknown, { input }: { input: I }, context: OperationContext): Promise<Payload> => {
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as I;
    const commands = { ...context.commands, requestId: context.requestId };
    const outcome = await command(commands, context.identity, given);
    return outcome.ok ? { ...show(outcome.value, context), userErrors: [] } : { userErrors: outcome.refusals };
  };
}

const showSaved = ({ connection, run }: SavedConnection, context: OperationContext) => ({
  connection: viewConnection(connection, context),
  syncRun: viewRun(run, context),
});

export const mutations = {
  createAudioCodesConnection: mutation<CreateConnectionInput, SavedConnection>(createConnection, showSaved),
  updateAudioCodesConnection: mutation<UpdateConnectionInput, SavedConnection>(updateConnection, showSaved),
  deleteAudioCodesConnection: mutation(deleteConnection, (run, context) => ({
    syncRun: viewRun(run, context),
  })),
  testAudioCodesConnection: mutation(testConnection, ({ connection, ...measured }, context) => ({
    connection: viewConnection(connection, context),
    ...measured,
  })),
  runDataSync: mutation<RunDataSyncInput, Parameters<typeof viewRun>[0]>(runDataSync, (run, context) => ({
    syncRun: viewRun(run, context),
  })),
  cancelSyncRun: mutation(cancelSyncRun, (run, context) => ({ syncRun: viewRun(run, context) })),
  updateDataSync: mutation<UpdateDataSyncInput, unknown>(updateDataSync, (dataSync) => ({ dataSync })),
  updateSchedule: mutation<UpdateScheduleInput, unknown>(updateSchedule, (schedule) => ({ schedule })),
};
