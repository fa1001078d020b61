/** Cooling settings of a node: as set there, as in force, and setting them. */
import { decide } from '@numberyard/kit/commands/decide';
import { done, refused } from '@numberyard/kit/graph/refusal';
import { asRead, save, type Store } from '@numberyard/kit/storage/port';
import { entity, event } from '@numberyard/schema/events';
import {
  effectiveCooling,
  MOST_COOLING_DAYS,
  type CoolingSetting,
  type EffectiveCooling,
} from '../domain/cooling-settings.js';
import { ancestorsOf } from '../domain/hierarchy.js';
import { notFound, reason, type Reason, type Result } from '../domain/refusals.js';
import { coolingSettings, type CoolingSettingDoc } from '../models/cooling-setting.js';
import { nodes } from '../models/node.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { visibleNode } from './visible.js';

export interface NodeCooling {
  /** Id of the node. */
  readonly node: string;
  readonly set: CoolingSetting;
  readonly inForce: EffectiveCooling;
}

export async function coolingOf(
  store: Store,
  node: { readonly id: string; readonly path: string },
): Promise<NodeCooling> {
  const above = ancestorsOf(node.path);
  const found = await store.getMany(coolingSettings, above);
  const settings = new Map(above.map((id, index) => [id, found[index]]));
  const inForce = effectiveCooling(node.path, (id) => settings.get(id));
  return { node: node.id, set: settings.get(node.id) ?? {}, inForce };
}

export interface SetCoolingInput {
  readonly node: string;
  readonly enabled?: 'YES' | 'NO' | 'INHERIT' | null;
  /** Null: inherit; absent: as it is. */
  readonly days?: number | null;
}

/** Refuses NOT_FOUND (the node), OUT_OF_RANGE (days), WRONG_NODE_TYPE (a retired node). No release date moves: cooling that has begun goes on as it began. */
export async function setCooling(deps: Deps, caller: Caller, input: SetCoolingInput): Promise<Result<NodeCooling>> {
  const { store } = deps;
  const outcome = await decide<{ refusals: Reason[] } | { path: string }>(store, async () => {
    const node = await visibleNode(store, caller.identity, input.node);
    const refusals = daysProblem(input.days);
    if (!node) return { value: { refusals: [notFound('node', 'node'), ...refusals] } };
    if (node.retired) refusals.unshift(reason('WRONG_NODE_TYPE', 'The node is retired.', 'node'));
    if (refusals.length > 0) return { value: { refusals } };
    const old = await store.get(coolingSettings, node.id);
    const next = settingAfter(old, input);
    const value = { path: node.path };
    if (next.enabled === old?.enabled && next.days === old?.days) return { value };
    const fields = { node: node.id, enabled: next.enabled ?? ('INHERIT' as const), days: next.days ?? null };
    const told = event('CoolingSettingsSet', fields, {
      retention: 'history',
      entity: entity.coolingSettings(node.id),
      path: node.path,
      time: nowOf(deps),
      ...byCaller(caller),
    });
    const inherits = next.enabled === undefined && next.days === undefined;
    const change =
      inherits && old
        ? { remove: [asRead(coolingSettings, old)] }
        : { save: [save(coolingSettings, { ...next, id: node.id, version: old?.version ?? 0 })] };
    // The node must not be retired meanwhile.
    return { value, commit: { ...change, expect: [asRead(nodes, node)], events: [told] } };
  });
  if ('refusals' in outcome) return refused(...outcome.refusals);
  return done(await coolingOf(store, { id: input.node, path: outcome.path }));
}

function daysProblem(days: number | null | undefined): Reason[] {
  if (days == null || (days >= 1 && days <= MOST_COOLING_DAYS)) return [];
  return [reason('OUT_OF_RANGE', `Numbers cool for 1 to ${MOST_COOLING_DAYS} days.`, 'days')];
}

function settingAfter(old: CoolingSettingDoc | undefined, { enabled, days }: SetCoolingInput): CoolingSetting {
  const nextEnabled = enabled == null ? old?.enabled : enabled === 'INHERIT' ? undefined : enabled;
  const nextDays = days === undefined ? old?.days : (days ?? undefined);
  return {
    ...(nextEnabled !== undefined && { enabled: nextEnabled }),
    ...(nextDays !== undefined && { days: nextDays }),
  };
}
