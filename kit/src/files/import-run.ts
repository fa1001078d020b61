/** Things by the line in commits of a few hundred: however often it is cut or killed, the same key with the same lines ends with the same report. */
import { createHash } from 'node:crypto';
import { toInstant, type Clock } from '../clock/clock.js';
import { requestHash } from '../crypto/id.js';
import type { Refusal } from '../graph/refusal.js';
import { Refused } from '../service/message.js';
import type { Store } from '../storage/port.js';
import { giveWay } from '../workers/courtesy.js';
import { importBatch, type BatchLine, type Judge, type RefusedLine } from './import-batch.js';
import { imports, MOST_REFUSED_TOLD, refusedLines, type ImportCounts, type ImportDoc } from './import-collections.js';
import type { ImportLine } from './import-lines.js';

export interface ImportOptions {
  /** Absent for a dry run. */
  readonly key: string | undefined;
  /** Where lines that name no node belong. */
  readonly node: string | undefined;
  /** Whether what exists is changed, or stays as it is. */
  readonly existing: 'keep' | 'update';
  /** The form of the lines. */
  readonly form: string;
}

/** What an import is of: what its lines ask for, and what becomes of them. */
export interface ImportRules<Fields, Draft> {
  /** What a line asks for, or why that cannot be. */
  draft(fields: Fields): { readonly draft: Draft } | { readonly problems: readonly Refusal[] };
  /** What only one line of the import may name; none where nobody can tell. */
  namesOf(draft: Draft): Promise<readonly LineName[]>;
  readonly judge: Judge<Draft>;
}

export interface LineName {
  readonly id: string;
  readonly field: string;
  /** In words. */
  readonly what: string;
}

export type ImportNews =
  | { readonly progress: { readonly line: number } & ImportCounts }
  | { readonly refused: RefusedLine }
  | { readonly summary: ImportCounts & { readonly dryRun: boolean } };

export interface ImportDeps {
  readonly store: Store;
  readonly clock: Clock;
}

const LINES_PER_COMMIT = 500;
/** Lines between two signs of progress. */
const PROGRESS_EVERY = 5_000;

/**
 * What becomes of the lines, as it becomes known: each refused one, progress now and then, at the end a summary. Lines of an earlier try are passed over, and
 * what it refused is told again. An import that somebody else is doing under the same key is followed: each line is taken by one of them.
 * @param caller id of who asks: keys are each caller's own
 * @throws Refused 409 when the key was used with other lines or parameters
 */
export async function* runImport<Fields, Draft>(
  deps: ImportDeps,
  caller: string,
  options: ImportOptions,
  rules: ImportRules<Fields, Draft>,
  pieces: AsyncIterable<readonly ImportLine<Fields>[]>,
): AsyncGenerator<ImportNews> {
  const run = new ImportRun(deps, caller, options, rules);
  await run.open();
  for await (const piece of pieces) {
    for (const line of piece) {
      await run.take(line);
      if (run.isFull) yield* run.flush(false);
    }
  }
  yield* run.flush(true);
  yield run.summary();
}

class ImportRun<Fields, Draft> {
  readonly #deps: ImportDeps;
  readonly #options: ImportOptions;
  readonly #rules: ImportRules<Fields, Draft>;
  /** What lines have named, as hashes: about 60 bytes each, however long the names. */
  readonly #named = new Set<string>();
  #state: ImportDoc;
  #chain = '';
  #lines: BatchLine<Draft>[] = [];
  /** The last line whose refusal, if it was refused, is told. */
  #told = 0;
  #progress = 0;

  constructor(deps: ImportDeps, caller: string, options: ImportOptions, rules: ImportRules<Fields, Draft>) {
    this.#deps = deps;
    this.#options = options;
    this.#rules = rules;
    const { key, ...others } = options;
    this.#state = {
      id: requestHash([caller, key ?? '']),
      version: 0,
      parameters: requestHash(others),
      line: 0,
      chain: '',
      done: false,
      updatedAt: this.#now(),
      lines: 0,
      created: 0,
      updated: 0,
      existing: 0,
      refused: 0,
    };
  }

  get isFull(): boolean {
    return this.#lines.length >= LINES_PER_COMMIT;
  }

  async open(): Promise<void> {
    if (this.#dryRun) return;
    const stored = await this.#deps.store.get(imports, this.#state.id);
    if (!stored) return;
    if (stored.parameters !== this.#state.parameters) throw otherContent();
    this.#state = stored;
  }

  async take({ line, content, given }: ImportLine<Fields>): Promise<void> {
    this.#chain = createHash('sha256').update(`${this.#chain}\n${line}\n${content}`).digest('base64url');
    const wanted = 'problem' in given ? { problems: [given.problem] } : await this.#judge(given.fields);
    if (line > this.#state.line) {
      if (this.#state.done) throw otherContent();
      this.#lines.push({ line, chain: this.#chain, wanted });
    } else if (line === this.#state.line && this.#chain !== this.#state.chain) throw otherContent();
  }

  /** @param last whether there are no more lines */
  async *flush(last: boolean): AsyncGenerator<ImportNews> {
    // What an earlier try did, or somebody else meanwhile, has come to its own line first.
    while (this.#lines.length > 0 || (last && !this.#state.done)) {
      if (last && this.#lines.length === 0 && this.#chain !== this.#state.chain) throw otherContent();
      const outcome = await importBatch(this.#deps.store, {
        before: this.#state,
        lines: this.#lines,
        last,
        dryRun: this.#dryRun,
        judge: (drafts, now) => this.#rules.judge(drafts, now),
        now: () => this.#now(),
      });
      if ('other' in outcome) {
        this.#follow(outcome.other);
        continue;
      }
      yield* this.#earlier(this.#state.line);
      this.#state = outcome.after;
      this.#lines = [];
      for (const refused of outcome.refused) yield { refused };
      this.#told = this.#state.line;
    }
    if (last && this.#chain !== this.#state.chain) throw otherContent();
    yield* this.#earlier(this.#state.line);
    if (!last && this.#state.lines >= this.#progress + PROGRESS_EVERY) {
      this.#progress = this.#state.lines;
      yield { progress: { line: this.#state.line, ...countsOf(this.#state) } };
    }
    if (!last) await giveWay();
  }

  summary(): ImportNews {
    return { summary: { ...countsOf(this.#state), dryRun: this.#dryRun } };
  }

  get #dryRun(): boolean {
    return this.#options.key === undefined;
  }

  #now(): string {
    return toInstant(this.#deps.clock.now());
  }

  /** Drop what somebody else has taken. Where that lies beyond what was read, the rest of it is passed over as it comes. */
  #follow(other: ImportDoc): void {
    const same = this.#lines.find(({ line }) => line === other.line);
    const ahead = other.line > (this.#lines.at(-1)?.line ?? 0);
    if (other.parameters !== this.#state.parameters || (!ahead && same?.chain !== other.chain)) throw otherContent();
    this.#lines = this.#lines.filter(({ line }) => line > other.line);
    if (other.done && this.#lines.length > 0) throw otherContent();
    this.#state = other;
  }

  /** Refusals that were kept, up to a line. */
  async *#earlier(upTo: number): AsyncGenerator<ImportNews> {
    if (this.#dryRun || this.#told >= upTo) return;
    for await (const refused of keptRefusals(this.#deps.store, this.#state.id, this.#told, upTo)) yield { refused };
    this.#told = upTo;
  }

  async #judge(fields: Fields): Promise<BatchLine<Draft>['wanted']> {
    const wanted = this.#rules.draft(fields);
    if ('problems' in wanted) return wanted;
    const names = (await this.#rules.namesOf(wanted.draft)).map((name) => ({ ...name, hash: shortHash(name.id) }));
    const again = names.find(({ hash }) => this.#named.has(hash));
    for (const { hash } of names) this.#named.add(hash);
    if (!again) return wanted;
    const message = `An earlier line of this import has the same ${again.what}.`;
    return { problems: [{ code: 'ALREADY_EXISTS', message, field: again.field }] };
  }
}

/** 96 bits: two of a million names are alike once in 10¹⁷ imports. */
function shortHash(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 16);
}

async function* keptRefusals(store: Store, of: string, after: number, upTo: number): AsyncGenerator<RefusedLine> {
  let told = 0;
  for (let from = after; ;) {
    const next = { gt: from, lte: upTo };
    const page = await store.find(refusedLines, { key: 'byLine', equals: [of], next, limit: 500 });
    for (const { line, reasons } of page.items) yield { line, errors: reasons };
    told += page.items.length;
    from = page.items.at(-1)?.line ?? upTo;
    if (!page.after || told >= MOST_REFUSED_TOLD) return;
  }
}

function countsOf({ lines, created, updated, existing, refused }: ImportDoc): ImportCounts {
  return { lines, created, updated, existing, refused };
}

function otherContent(): Refused {
  return new Refused(409, 'IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used with another content.', {
    field: 'Idempotency-Key',
  });
}
