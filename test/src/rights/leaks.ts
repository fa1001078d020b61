import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { hasPower } from '@numberyard/schema/rights';
import { markOf, type Place, type Places } from './places.js';

/**
 * What an answer says that this caller is not to hear: anything of a place that is not its own or below, but names and ids on the way up to it, and the id
 * that was given.
 */
export function leaks(places: Places, caller: Identity, answer: unknown, given?: string): string[] {
  const found: string[] = [];
  const hidden = places.all.filter(({ path }) => !isWithin(path, caller.path));
  const above = (place: Place) => hasPower(caller, 'READ') && isWithin(caller.path, place.path);
  JSON.stringify(answer, (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    for (const place of hidden) {
      if (value.includes(markOf(place)) && !(key === 'name' && above(place))) found.push(`${key}: ${value}`);
      if (key !== 'path' && value.includes(place.id) && !isWithin(caller.path, place.path))
        found.push(`${key}: ${value}`);
    }
    return value;
  });
  return found.filter((text) => given === undefined || !text.endsWith(given));
}
