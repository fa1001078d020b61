/** docker-compose.yml as Docker Compose reads it: merged, and with the environment put in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The project's folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface ComposeService {
  readonly image?: string;
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period?: string;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly init?: boolean;
  readonly container_name?: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
}

/** As written, anchors and merge keys resolved; variables still stand in it. */
export function readComposeFile(): ComposeFile {
  return parse(composeText(), { merge: true }) as ComposeFile;
}

export function composeText(): string {
  return readFileSync(join(root, 'docker-compose.yml'), 'utf8');
}

/** `$$`, `${NAME}`, `${NAME:-default}` and `${NAME:?sentence}`, which is all the file uses. */
const VARIABLE = /\$(?:\$|\{(?<name>\w+)(?::(?<operator>[-?])(?<text>[^}]*))?\})/g;

export interface Variable {
  readonly name: string;
  readonly operator: '-' | '?' | undefined;
  /** The default, or the sentence said when it is missing. */
  readonly text: string;
}

/** The variables a text asks for. */
export function variablesOf(text: string): Variable[] {
  return [...text.matchAll(VARIABLE)].flatMap(({ groups }) =>
    groups?.['name']
      ? [
          {
            name: groups['name'],
            operator: groups['operator'] as Variable['operator'],
            text: groups['text'] ?? '',
          },
        ]
      : [],
  );
}

/** @throws Error with the file's own sentence when a variable that must be set is not */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (whole, name: string | undefined, operator: string | undefined, rest = '') => {
    if (whole === '$$' || name === undefined) return '$';
    const value = env[name];
    if (value) return value;
    if (operator === '?') throw new Error(`${name}: ${String(rest)}`);
    return operator === '-' ? String(rest) : '';
  });
}

/** What a service is started with. */
export interface ComposeProcess {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** How long it has to end after SIGTERM, milliseconds. */
  readonly gracePeriod: number;
  readonly healthcheck: readonly string[];
}

/** @param env the values of `.env` */
export function composeProcess(service: ComposeService, env: Readonly<Record<string, string>>): ComposeProcess {
  const put = (text: string) => interpolate(text, env);
  return {
    command: [...(service.entrypoint ?? []), ...service.command].map(put),
    environment: Object.fromEntries(
      Object.entries(service.environment ?? {}).map(([name, value]) => [name, put(String(value))]),
    ),
    gracePeriod: Number(/^(\d+)s$/.exec(service.stop_grace_period ?? '10s')?.[1]) * 1_000,
    healthcheck: (service.healthcheck?.test ?? []).map(put),
  };
}
