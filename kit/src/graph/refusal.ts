/**
 * Refusals: what a command answers when the input breaks a rule or the state forbids the change. They are data (`userErrors`), not faults;
 * each carries a code of a closed set, a sentence for people and the input field it is about.
 */
export interface Refusal<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  /** Dotted path of the input field, e.g. `range.start`; absent when it is about no single field. */
  readonly field?: string;
}

/** Outcome of a command: a value, or the reasons why nothing was changed. */
export type Outcome<T, Code extends string = string> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusals: readonly Refusal<Code>[] };

export function done<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refused<Code extends string>(
  ...refusals: Refusal<Code>[]
): { readonly ok: false; readonly refusals: Refusal<Code>[] } {
  return { ok: false, refusals };
}
