/** What the commands that copy installations have in common: options, settings, how they say what went wrong. */
import { parseArgs } from 'node:util';
import { fail } from '../process.js';
import { reasonOf } from '../start-failure.js';
import { type CopySettings, readCopySettings } from './settings.js';

export interface Options {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly dryRun: boolean;
}

export interface Command {
  readonly help: string;
  /** Options it knows besides --help. */
  readonly options: readonly ('from' | 'to' | 'dry-run')[];
  /** @throws Error whose message tells an operator what to do */
  run(options: Options, settings: CopySettings): Promise<void>;
}

/** Ends with exit code 0: done; 1: failed or refused; 2: called wrongly. */
export async function runCommand({ help, options, run }: Command): Promise<void> {
  // What is copied holds customers' data.
  process.umask(0o077);
  const given = parse(help, options);
  const settings = readCopySettings();
  try {
    await run(given, settings);
  } catch (error) {
    fail(reasonOf(error, { host: '', port: 0, data: settings.data }));
  }
}

function parse(help: string, known: Command['options']): Options {
  const values = parseValues(help);
  if (values.help) {
    process.stdout.write(`${help}\n`);
    process.exit(0);
  }
  for (const option of ['from', 'to', 'dry-run'] as const) {
    if (values[option] !== undefined && !known.includes(option)) fail(`Unknown option '--${option}'\n\n${help}`, 2);
  }
  return { from: values.from, to: values.to, dryRun: values['dry-run'] ?? false };
}

function parseValues(help: string) {
  try {
    return parseArgs({
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        'dry-run': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${help}`, 2);
  }
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
