/** One line of an import: what it asks for, by the same rules as adding and changing a single number. */
import { e164Of } from './number.js';
import { editOf, type EditInput } from './number-edit.js';
import { numbersOf } from './number-list.js';
import { reason, type Reason } from './refusals.js';
import type { Edit } from './transitions.js';

/** As it is given; what is not given stays as it is on a number that exists. */
export interface LineFields extends Omit<EditInput, 'extras'> {
  readonly number?: string | null;
  /** Id of the customer or site; default: the import's. */
  readonly node?: string | null;
  /** Free fields by their names. */
  readonly extras?: Readonly<Record<string, string | null>> | null;
}

export interface Draft {
  readonly number: string;
  readonly node: string;
  readonly edit: Edit;
}

/** @param node where lines that name no node belong */
export function draftOf(
  fields: LineFields,
  node: string | undefined,
): { readonly draft: Draft } | { readonly problems: readonly Reason[] } {
  const given = fields.number?.trim() ?? '';
  const list = given ? numbersOf({ numbers: [given] }) : { refusals: [reason('REQUIRED', 'Give a number.', 'number')] };
  const number = 'numbers' in list ? (list.numbers[0] ?? '') : undefined;
  const home = fields.node?.trim() || node;
  const { extras, ...others } = fields;
  const named = extras && Object.entries(extras).map(([name, value]) => ({ name, value }));
  const { edit, problems: wrong } = editOf({ ...others, ...(named && { extras: named }) });
  const problems = [
    ...('refusals' in list ? list.refusals.map((each) => ({ ...each, field: 'number' })) : []),
    ...(home ? [] : [reason('REQUIRED', 'Give a node here or for the whole import.', 'node')]),
    ...wrong,
  ];
  if (number === undefined || !home || problems.length > 0) return { problems };
  return { draft: { number, node: home, edit: withoutOwnE164(number, edit) } };
}

/** An export tells an E.164 number as its own E.164 form, which is nothing to associate. */
function withoutOwnE164(number: string, { e164, ...others }: Edit): Edit {
  return e164 === undefined || (e164 === number && e164Of(number) !== undefined) ? others : { ...others, e164 };
}
