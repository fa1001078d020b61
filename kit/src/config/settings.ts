/**
 * Typed configuration from the environment. Settings are declared as data: the same table reads them, documents them and says what is wrong with them.
 */

export interface Setting<T> {
  /** Name of the environment variable. */
  readonly name: string;
  /** One line for the documentation. */
  readonly description: string;
  /** Text used when the variable is not set; absent: the value is then `undefined`. */
  readonly fallback?: string;
  /** Never printed. */
  readonly secret?: boolean;
  /** @throws Error whose message completes the sentence "<NAME> …", e.g. "must be a port from 0 to 65535" */
  parse(text: string): T;
}

export type Settings<Table extends Record<string, Setting<unknown>>> = {
  readonly [Name in keyof Table]: Table[Name] extends { readonly fallback: string }
    ? ReturnType<Table[Name]['parse']>
    : ReturnType<Table[Name]['parse']> | undefined;
};

/** Thrown when the environment does not fit: one sentence per wrong setting, without the values of secrets. */
export class SettingsError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/**
 * Read all settings of a table.
 * @param prefix variables that begin with it but are in no table are refused, because a misspelt setting would otherwise silently do nothing
 * @throws SettingsError
 */
export function readSettings<Table extends Record<string, Setting<unknown>>>(
  table: Table,
  env: Readonly<Record<string, string | undefined>>,
  prefix?: string,
): Settings<Table> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(table)) {
    const given = env[setting.name];
    const text = given === undefined || given === '' ? setting.fallback : given;
    if (text === undefined) continue;
    try {
      values[key] = setting.parse(text);
    } catch (error) {
      const shown = setting.secret ? '' : `, not ${JSON.stringify(text)}`;
      problems.push(`${setting.name} ${error instanceof Error ? error.message : String(error)}${shown}.`);
    }
  }
  const known = new Set(Object.values(table).map((setting) => setting.name));
  for (const name of Object.keys(env)) {
    if (prefix && name.startsWith(prefix) && !known.has(name))
      problems.push(`${name} is no setting; see docs/settings.md.`);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return values as Settings<Table>;
}

export function text(value: string): string {
  return value;
}

/** A whole number within limits. */
export function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (!(number >= least && number <= most)) throw new Error(`must be a whole number from ${least} to ${most}`);
    return number;
  };
}

export function oneOf<const T extends string>(...values: readonly T[]): (value: string) => T {
  return (value) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new Error(`must be one of ${values.join(', ')}`);
    return found;
  };
}

export function yesOrNo(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new Error('must be true or false');
  return value === 'true';
}

/** 32 bytes, written as 64 hexadecimal digits or as base64. */
export function key32(value: string): Buffer {
  if (/^[0-9a-f]{64}$/i.test(value)) return Buffer.from(value, 'hex');
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(value)) return Buffer.from(value, 'base64');
  throw new Error('must be 32 bytes as 64 hexadecimal digits or base64');
}

/** The table as Markdown, for the documentation. */
export function describeSettings(table: Record<string, Setting<unknown>>): string {
  const rows = Object.values(table).map(
    ({ name, fallback, description }) =>
      `| \`${name}\` | ${fallback === undefined ? '' : `\`${fallback}\``} | ${description} |`,
  );
  return ['| Setting | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
}
