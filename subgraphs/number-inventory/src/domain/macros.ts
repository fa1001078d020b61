/** Named macros: settings by hierarchy node, of which the nearest ancestor's value is in force. */
import { parseDuration, type Duration } from './duration.js';

export interface MacroDefinition {
  readonly name: string;
  readonly description: string;
  readonly systemDefault: string;
  /** What a value must be, completing "The value must be …"; undefined when this one fits. */
  problem(value: string): string | undefined;
}

/** "default setting is 2 days" (AudioCodes Device Number Integration). */
export const COOLING_DURATION: MacroDefinition = {
  name: 'audiocodes_cooling_duration',
  description:
    'How long a number that an AudioCodes device gave up stays in cooling: whole days from 1 to 999, or an ISO 8601 duration such as PT90S.',
  systemDefault: '2',
  problem: (value) =>
    parseDuration(value)
      ? undefined
      : 'a whole number of days from 1 to 999, or an ISO 8601 duration such as PT90S of at most 999 days',
};

const MOST_DELETES = 10_000_000;

/** "With more local deletes than the number the sync fails" (Pull Sync Delete Threshold). */
export const DELETE_THRESHOLD: MacroDefinition = {
  name: 'PULL_SYNC_DELETE_THRESHOLD_AUDIOCODES',
  description:
    'How many registered users one sync of an AudioCodes connection may remove: a sync that would remove more fails before it removes any. A purge and the deletion of a connection ignore it. Not set: any number.',
  systemDefault: '',
  problem: (value) =>
    /^(0|[1-9]\d{0,7})$/.test(value) && Number(value) <= MOST_DELETES
      ? undefined
      : `a whole number from 0 to ${MOST_DELETES}`,
};

export const MACROS: readonly MacroDefinition[] = [COOLING_DURATION, DELETE_THRESHOLD];

/** The value in force at a path, and the node it is set at; the system default when none is. */
export function effectiveMacro(
  definition: MacroDefinition,
  path: string,
  setAt: (node: string, name: string) => string | undefined,
): { readonly value: string; readonly node?: string } {
  for (const node of path.split('.').reverse()) {
    const value = setAt(node, definition.name);
    if (value !== undefined) return { value, node };
  }
  return { value: definition.systemDefault };
}

/** Values are checked before they are stored, so one that does not parse is a fault. */
export function coolingDuration(value: string): Duration {
  const duration = parseDuration(value);
  if (!duration) throw new Error(`the stored ${COOLING_DURATION.name} does not parse: ${value}`);
  return duration;
}
