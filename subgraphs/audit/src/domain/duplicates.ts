/** The duplicates the documents name as errors ("Audit Number Inventory", Common Errors and Caveats), and the sentences that tell of them. */
import type { NumberService } from './number-service.js';
import { useOf } from './service-use.js';

/** More would fill a sentence that nobody reads to its end. */
const MOST_NAMED = 10;

/**
 * "Ensure internal numbers (even in different partitions) are not duplicated across clusters": services of one number in more than one place. One of which
 * neither cluster nor partition is known says nothing.
 * @returns where they are, as a sentence; undefined when they are no duplicates
 */
export function duplicateNumber(services: readonly NumberService[]): string | undefined {
  if (services.length < 2) return undefined;
  const placed = services.filter(({ cluster, partition }) => cluster !== '' || partition !== '');
  const places = new Set(placed.map(({ cluster, partition }) => JSON.stringify([cluster, partition])));
  return places.size < 2 ? undefined : `The number belongs to ${listed(placed.map((each) => useOf(each).usedBy))}.`;
}

/** "Ensure device profiles are not duplicated across the sites." @param lines of device profiles of one name */
export function duplicateDeviceProfile(lines: readonly NumberService[]): string | undefined {
  const name = lines[0]?.name ?? '';
  return inClusters(lines, `Device profile ${name}`);
}

/** "Ensure phones are not duplicated across the clusters." @param lines of phones of one MAC */
export function duplicatePhone(lines: readonly NumberService[]): string | undefined {
  const names = [...new Set(lines.map(({ name }) => name))];
  return inClusters(lines, `MAC ${lines[0]?.mac ?? ''} (${listed(names)})`);
}

function inClusters(lines: readonly NumberService[], what: string): string | undefined {
  const clusters = [...new Set(lines.map(({ cluster }) => cluster))];
  if (clusters.length < 2) return undefined;
  const named = clusters.filter((cluster) => cluster !== '').map((cluster) => `in cluster ${cluster}`);
  return `${what} is ${listed(clusters.includes('') ? [...named, 'in a cluster without a name'] : named)}.`;
}

function listed(names: readonly string[]): string {
  const named = names.slice(0, MOST_NAMED);
  const more = names.length - named.length;
  const all = more > 0 ? [...named, `${more} more`] : named;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
