/**
 * Whether and how long numbers of a node cool once nothing uses them any more: "Enable Number Inventory Cooling", by default no, and "Number Inventory
 * Cooling Duration (Days)", by default 30 (Global Settings). Each is inherited from the nearest node above that sets it. Numbers of AudioCodes devices follow
 * their macro instead.
 */

export const DEFAULT_COOLING_DAYS = 30;
/** "max 999" (Number Cooling). */
export const MOST_COOLING_DAYS = 999;

/** What is set at one node; what is absent is inherited. */
export interface CoolingSetting {
  readonly enabled?: 'YES' | 'NO' | undefined;
  /** Whole days from 1 to {@link MOST_COOLING_DAYS}. */
  readonly days?: number | undefined;
}

export interface EffectiveCooling {
  readonly enabled: boolean;
  /** Id of the node where that is set; absent: the system default. */
  readonly enabledSetAt?: string;
  readonly days: number;
  readonly daysSetAt?: string;
}

/** What is in force at a path. The two are inherited apart: a node may change the days and leave the switch as it is above. */
export function effectiveCooling(path: string, setAt: (node: string) => CoolingSetting | undefined): EffectiveCooling {
  const upwards = path.split('.').reverse();
  const enabledSetAt = upwards.find((node) => setAt(node)?.enabled !== undefined);
  const daysSetAt = upwards.find((node) => setAt(node)?.days !== undefined);
  return {
    enabled: enabledSetAt !== undefined && setAt(enabledSetAt)?.enabled === 'YES',
    days: (daysSetAt === undefined ? undefined : setAt(daysSetAt)?.days) ?? DEFAULT_COOLING_DAYS,
    ...(enabledSetAt !== undefined && { enabledSetAt }),
    ...(daysSetAt !== undefined && { daysSetAt }),
  };
}
