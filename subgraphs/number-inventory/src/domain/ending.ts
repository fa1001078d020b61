/** A number read from its end: what an order by endings goes by. */

/** The number's characters, the last one first. Numbers are digits with at most a leading plus, so each is one character. */
export function endingOf(number: string): string {
  let ending = '';
  for (let index = number.length - 1; index >= 0; index -= 1) ending += number.charAt(index);
  return ending;
}
