/** Macros: the values in force at a node, and setting one. */
import { decide } from '@numberyard/kit/commands/decide';
import { done, refused } from '@numberyard/kit/graph/refusal';
import { asRead, save, type Store } from '@numberyard/kit/storage/port';
import { entity, event } from '@numberyard/schema/events';
import { ancestorsOf } from '../domain/hierarchy.js';
import { effectiveMacro, MACROS, type MacroDefinition } from '../domain/macros.js';
import { notFound, reason, type Reason, type Result } from '../domain/refusals.js';
import { macroId, macros } from '../models/macro.js';
import { nodes, type NodeDoc } from '../models/node.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { visibleNode } from './visible.js';

export interface MacroInForce {
  readonly name: string;
  readonly value: string;
  readonly description: string;
  /** Id of the node it is set at; absent: the system default. */
  readonly setAt?: string;
}

/** Every macro with the value in force at a node; the nearest ancestor's wins. */
export async function macrosInForce(store: Store, node: { readonly path: string }): Promise<MacroInForce[]> {
  const wanted = MACROS.flatMap(({ name }) => ancestorsOf(node.path).map((id) => macroId(id, name)));
  const values = new Map<string, string>();
  for (const macro of await store.getMany(macros, wanted)) if (macro) values.set(macro.id, macro.value);
  return MACROS.map((definition) => inForce(definition, node.path, values));
}

export interface SetMacroInput {
  readonly node: string;
  readonly name: string;
  /** Null: unset, so that the value from above is in force again. */
  readonly value?: string | null;
}

/** Refuses NOT_FOUND (the node), WRONG_NODE_TYPE (a retired one), INVALID (an unknown name, a value that is none), OUT_OF_RANGE. */
export async function setMacro(deps: Deps, caller: Caller, input: SetMacroInput): Promise<Result<MacroInForce>> {
  const { store } = deps;
  const definition = MACROS.find((macro) => macro.name === input.name);
  const value = input.value?.trim();
  const wrong = definition ? valueProblem(definition, value) : [unknownMacro()];
  const outcome = await decide<{ node: NodeDoc } | { refusals: Reason[] }>(store, async () => {
    const node = await visibleNode(store, caller.identity, input.node);
    if (!node) return { value: { refusals: [notFound('node', 'node'), ...wrong] } };
    const retired = node.retired ? [reason('WRONG_NODE_TYPE', 'The node is retired.', 'node')] : [];
    if (!definition || wrong.length + retired.length > 0) return { value: { refusals: [...retired, ...wrong] } };
    const id = macroId(node.id, definition.name);
    const old = await store.get(macros, id);
    if (old?.value === value) return { value: { node } };
    const fields = { node: node.id, name: definition.name, value: value ?? null };
    const told = event('MacroSet', fields, {
      retention: 'history',
      entity: entity.macro(node.id, definition.name),
      path: node.path,
      time: nowOf(deps),
      ...byCaller(caller),
    });
    const change =
      value === undefined
        ? { remove: old ? [asRead(macros, old)] : [] }
        : { save: [save(macros, { id, version: old?.version ?? 0, node: node.id, name: definition.name, value })] };
    // The node must not be retired meanwhile.
    return { value: { node }, commit: { ...change, expect: [asRead(nodes, node)], events: [told] } };
  });
  if ('refusals' in outcome) return refused(...outcome.refusals);
  const now = (await macrosInForce(store, outcome.node)).find((macro) => macro.name === input.name);
  return now ? done(now) : refused(notFound('macro', 'name'));
}

function unknownMacro(): Reason {
  const names = MACROS.map((macro) => macro.name).join(', ');
  return reason('INVALID', `There is no macro of this name; there is: ${names}.`, 'name');
}

function valueProblem(definition: MacroDefinition, value: string | undefined): Reason[] {
  const problem = value === undefined ? undefined : definition.problem(value);
  if (!problem) return [];
  const code = value && /^\d+$/.test(value) ? 'OUT_OF_RANGE' : 'INVALID';
  return [reason(code, `The value must be ${problem}.`, 'value')];
}

function inForce(definition: MacroDefinition, path: string, values: ReadonlyMap<string, string>): MacroInForce {
  const { value, node } = effectiveMacro(definition, path, (id, name) => values.get(macroId(id, name)));
  const { name, description } = definition;
  return { name, value, description, ...(node !== undefined && { setAt: node }) };
}
