import type { Outcome, Refusal } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { CommandContext } from '../commands/context.js';
import type { OperationContext } from './context.js';

type Command<I, V> = (context: CommandContext, identity: Identity, input: I) => Promise<Outcome<V>>;
type Payload = Readonly<Record<string, unknown>> & { readonly userErrors: readonly Refusal[] };

/** A field that runs a command. A null in the input is the command's to understand: of some fields it says something else than their absence. */
export function mutation<I extends object, V>(
  command: Command<I, V>,
  show: (value: V) => Readonly<Record<string, unknown>>,
) {
  return async (_: unknown, { input }: { input: I }, context: OperationContext): Promise<Payload> => {
    const commands = { ...context.commands, requestId: context.requestId };
    const outcome = await command(commands, context.identity, input);
    return outcome.ok ? { ...show(outcome.value), userErrors: [] } : { userErrors: outcome.refusals };
  };
}
