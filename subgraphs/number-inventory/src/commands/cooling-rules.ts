/** How numbers cool, by the nodes they live at: macros and settings of many nodes read together. */
import { PAGE_LIMIT, type Doc, type Store } from '@numberyard/kit/storage/port';
import type { Collection } from '@numberyard/kit/storage/collection';
import { effectiveCooling } from '../domain/cooling-settings.js';
import type { Duration } from '../domain/duration.js';
import { ancestorsOf } from '../domain/hierarchy.js';
import { COOLING_DURATION, coolingDuration, effectiveMacro } from '../domain/macros.js';
import { coolingSettings } from '../models/cooling-setting.js';
import { macroId, macros } from '../models/macro.js';

/** What is in force at one node. */
export interface CoolingRuleAt {
  /** After the last use by an AudioCodes device. */
  audioCodes(): Duration;
  /** After the last other use; undefined: it does not cool. */
  standard(): { readonly days: number } | undefined;
  /** By hand, whether or not cooling is enabled. */
  days(): number;
}

/**
 * Read what is in force at some paths.
 * @returns the rule at any of the paths, and at any node above them
 */
export async function coolingRules(
  { store }: { readonly store: Store },
  paths: Iterable<string>,
): Promise<(path: string) => CoolingRuleAt> {
  const ids = [...new Set([...new Set(paths)].flatMap(ancestorsOf))];
  const [values, settings] = await Promise.all([
    byId(store, macros, ids.map(macroAt)),
    byId(store, coolingSettings, ids),
  ]);
  return (path) => {
    const cooling = () => effectiveCooling(path, (node) => settings.get(node));
    return {
      audioCodes: () =>
        coolingDuration(effectiveMacro(COOLING_DURATION, path, (node) => values.get(macroAt(node))?.value).value),
      standard() {
        const { enabled, days } = cooling();
        return enabled ? { days } : undefined;
      },
      days: () => cooling().days,
    };
  };
}

function macroAt(node: string): string {
  return macroId(node, COOLING_DURATION.name);
}

async function byId<D extends Doc>(
  store: Store,
  collection: Collection<D>,
  ids: readonly string[],
): Promise<Map<string, D>> {
  const found = new Map<string, D>();
  for (let from = 0; from < ids.length; from += PAGE_LIMIT) {
    for (const doc of await store.getMany(collection, ids.slice(from, from + PAGE_LIMIT)))
      if (doc) found.set(doc.id, doc);
  }
  return found;
}
