/** Answers of two installations made comparable: what each makes up by itself (ids, cursors, keys, times) gets a name by the order in which it appears. */

/** Fields whose values an installation makes up. */
const MADE_UP: Readonly<Record<string, string>> = { id: 'id', cursor: 'cursor', endCursor: 'cursor', key: 'key' };
/** Measured, so never the same twice. */
const MEASURED = new Set(['durationMs']);
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const REQUEST = /(?<=^request:).+$/;
const DATE = /\d{4}-\d\d-\d\d/g;

export class Normaliser {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** Give something a name before it appears, e.g. an address. */
  name(text: string, name: string): void {
    this.#names.set(text, `<${name}>`);
  }

  /** A copy in which everything made up has its name, also within other texts. */
  normalise(answer: unknown): unknown {
    this.#learn(answer);
    // Longest first: an id may be part of another. Short ones, as positions in a log, stand in other texts by chance only.
    const known = [...this.#names.keys()].filter((text) => text.length >= 8).sort((a, b) => b.length - a.length);
    const put = (text: string) =>
      this.#names.get(text) ??
      known
        .reduce((rest, made) => rest.replaceAll(made, this.#names.get(made) ?? ''), text)
        .replace(INSTANT, '<time>')
        .replace(DATE, '<date>')
        .replace(REQUEST, '<request>');
    return map(answer, (value, field) => {
      if (MEASURED.has(field)) return '<measured>';
      return typeof value === 'string' ? put(value) : value;
    });
  }

  #learn(answer: unknown): void {
    map(answer, (value, field) => {
      const kind = MADE_UP[field];
      if (kind && typeof value === 'string' && !this.#names.has(value)) {
        const count = (this.#counts.get(kind) ?? 0) + 1;
        this.#counts.set(kind, count);
        this.#names.set(value, `<${kind} ${count}>`);
      }
      return value;
    });
  }
}

function map(value: unknown, leaf: (value: unknown, field: string) => unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => map(item, leaf, field));
  if (typeof value !== 'object' || value === null) return leaf(value, field);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, map(inner, leaf, name)]));
}
