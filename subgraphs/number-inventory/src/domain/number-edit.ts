/** What is free to edit on a number, as it is given, and why it does not fit, if so. */
import { normaliseNumber } from '@numberyard/schema/number';
import { e164Of, type InventoryNumber } from './number.js';
import { optionalTextProblem, reason, type Reason } from './refusals.js';
import { mergedExtras, type Edit } from './transitions.js';

export const LONGEST_DESCRIPTION = 1000;
export const LONGEST_TAG = 255;
export const LONGEST_EXTRA = 255;
export const MOST_EXTRAS = 10;

export interface EditInput {
  /** Null or empty removes it; likewise the next two. */
  readonly description?: string | null;
  readonly tag?: string | null;
  readonly e164?: string | null;
  readonly extras?: readonly { readonly name: string; readonly value?: string | null }[] | null;
}

/** The edit an input asks for. */
export function editOf(input: EditInput): { readonly edit: Edit; readonly problems: readonly Reason[] } {
  const { description, tag, e164, extras } = input;
  const associated = e164 ? normaliseNumber(e164.trim()) : '';
  const named = new Set<string>();
  const problems = [
    ...optionalTextProblem(description, 'description', LONGEST_DESCRIPTION),
    ...optionalTextProblem(tag, 'tag', LONGEST_TAG),
    ...(associated === '' || (associated !== undefined && e164Of(associated)) ? [] : [notE164()]),
    ...(extras ?? []).flatMap(({ name, value }, index) => [
      ...(named.has(name) ? [reason('INVALID', 'This field is named twice.', `extras.${index}.name`)] : []),
      ...(named.add(name), nameProblem(name, `extras.${index}.name`)),
      ...optionalTextProblem(value, `extras.${index}.value`, LONGEST_EXTRA),
    ]),
  ];
  const edit: Edit = {
    ...(description !== undefined && { description: description?.trim() ?? '' }),
    ...(tag !== undefined && { tag: tag?.trim() ?? '' }),
    ...(e164 !== undefined && { e164: associated ?? '' }),
    ...(extras && { extras: extras.map(({ name, value }) => ({ name, value: value ?? undefined })) }),
  };
  return { edit, problems };
}

/** Why an edit does not fit this number, if so. */
export function editProblems(number: InventoryNumber, { e164, extras }: Edit): Reason[] {
  return [
    ...(e164 && e164Of(number.number)
      ? [reason('INVALID', `${number.number} is an E.164 number itself.`, 'e164')]
      : []),
    ...(extras && mergedExtras(number.extras, extras).length > MOST_EXTRAS
      ? [reason('OUT_OF_RANGE', `A number has at most ${MOST_EXTRAS} free fields.`, 'extras')]
      : []),
  ];
}

function nameProblem(name: string, field: string): Reason[] {
  if (/^[A-Za-z0-9_.-]{1,32}$/.test(name)) return [];
  return [reason('INVALID', 'A name has 1 to 32 letters, digits, underscores, dots or hyphens.', field)];
}

function notE164(): Reason {
  return reason('INVALID', 'An E.164 number is a plus and 2 to 15 digits, the first not 0.', 'e164');
}
