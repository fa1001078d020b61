/** The form of a telephone number, as every part of the product writes it. */

/**
 * A number in its one form: 1 to 20 digits with an optional leading plus. A plus may be written `\+`, as dial plans do; a number
 * without plus is another number than the one with it. undefined when the text is no number.
 * Source: "Number Inventory", which keeps an E.164 number with the prefix `\+`.
 */
export function normaliseNumber(text: string): string | undefined {
  const match = /^(\\?\+)?(\d{1,20})$/.exec(text);
  return match ? `${match[1] ? '+' : ''}${match[2]}` : undefined;
}
