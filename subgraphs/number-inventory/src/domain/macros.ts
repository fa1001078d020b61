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

export const MACROS: readonly MacroDefinition[] = [COOLING_DURATION];

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
