/** A whole import, line by line in commits of a few hundred: however often it is cut or killed, the same key with the same lines ends with the same report. */
import { createHash } from 'node:crypto';
import { requestHash } from '@numberyard/kit/crypto/id';
import type { Store } from '@numberyard/kit/storage/port';
import { Refused } from '@numberyard/kit/service/message';
import { draftOf, type Draft, type LineFields } from '../domain/import-line.js';
import { reason, type Reason } from '../domain/refusals.js';
import { imports, MOST_REFUSED_TOLD, refusedLines, type ImportCounts, type ImportDoc } from '../models/import.js';
import { nowOf, type Caller, type Deps } from './context.js';
import { importBatch, type BatchLine, type RefusedLine } from './import-batch.js';
import { numberPlace } from './number-place.js';

export interface ImportOptions {
  /** Absent for a dry run. */
  readonly key: string | undefined;
  /** Where lines that name no node belong. */
  readonly node: string | undefined;
  readonly existing: 'keep' | 'update';
  /** The form of the lines. */
  readonly form: string;
}

/** A line as it was read. */
export interface ReadLine {
  readonly line: number;
  /** All of it, to tell one content from another. */
  readonly content: string;
  readonly given: { readonly fields: LineFields } | { readonly problem: Reason };
}

export type ImportNews =
  | { readonly progress: { readonly line: number } & ImportCounts }
  | { readonly refused: RefusedLine }
  | { readonly summary: ImportCounts & { readonly dryRun: boolean } };

const LINES_PER_COMMIT = 500;
/** Lines between two signs of progress. */
const PROGRESS_EVERY = 5_000;

/**
 * What becomes of the lines, as it becomes known: each refused one, progress now and then, at the end a summary. Lines of an earlier try are passed over, and
 * what it refused is told again. An import that somebody else is doing under the same key is followed: each line is taken by one of them.
 * @throws Refused 409 when the key was used with other lines or parameters
 */
export async function* importNumbers(
  deps: Deps,
  caller: Caller,
  options: ImportOptions,
  pieces: AsyncIterable<readonly ReadLine[]>,
): AsyncGenerator<ImportNews> {
  const run = new ImportRun(deps, caller, options);
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

class ImportRun {
  readonly #deps: Deps;
  readonly #caller: Caller;
  readonly #options: ImportOptions;
  /** Ids, made of customer and number, that lines have named. About 60 bytes each. */
  readonly #named = new Set<string>();
  /** Customers by the ids of their nodes, which never change; undefined for nodes that take no numbers. */
  readonly #customers = new Map<string, string | undefined>();
  #state: ImportDoc;
  #chain = '';
  #lines: BatchLine[] = [];
  /** The last line whose refusal, if it was refused, is told. */
  #told = 0;
  #progress = 0;

  constructor(deps: Deps, caller: Caller, options: ImportOptions) {
    this.#deps = deps;
    this.#caller = caller;
    this.#options = options;
    const { key, ...others } = options;
    this.#state = {
      id: requestHash([caller.identity.id, key ?? '']),
      version: 0,
      parameters: requestHash(others),
      line: 0,
      chain: '',
      done: false,
      updatedAt: nowOf(deps),
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

  async take({ line, content, given }: ReadLine): Promise<void> {
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
      const outcome = await importBatch(this.#deps, this.#caller, {
        before: this.#state,
        lines: this.#lines,
        last,
        update: this.#options.existing === 'update',
        dryRun: this.#dryRun,
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
    await new Promise((resolve) => setImmediate(resolve));
  }

  summary(): ImportNews {
    return { summary: { ...countsOf(this.#state), dryRun: this.#dryRun } };
  }

  get #dryRun(): boolean {
    return this.#options.key === undefined;
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

  async #judge(fields: LineFields): Promise<BatchLine['wanted']> {
    const wanted = draftOf(fields, this.#options.node);
    if ('problems' in wanted) return wanted;
    const names = await this.#namesOf(wanted.draft);
    const again = names.find(({ id }) => this.#named.has(id));
    for (const { id } of names) this.#named.add(id);
    if (!again) return wanted;
    const message = `An earlier line of this import has the same ${again.what}.`;
    return { problems: [reason('ALREADY_EXISTS', message, again.field)] };
  }

  /** What only one line may name. */
  async #namesOf({ node, number, edit }: Draft): Promise<{ id: string; field: string; what: string }[]> {
    if (!this.#customers.has(node)) {
      const place = await numberPlace(this.#deps, this.#caller, node);
      this.#customers.set(node, 'customer' in place ? place.customer : undefined);
    }
    const customer = this.#customers.get(node);
    if (customer === undefined) return [];
    return [
      { id: `${customer}:${number}`, field: 'number', what: 'number' },
      ...(edit.e164 ? [{ id: `${customer}=${edit.e164}`, field: 'e164', what: 'E.164 number' }] : []),
    ];
  }
}

async function* keptRefusals(store: Store, of: string, after: number, upTo: number): AsyncGenerator<RefusedLine> {
  let told = 0;
  for (let from = after; ;) {
    const page = await store.find(refusedLines, {
      key: 'byLine',
      equals: [of],
      next: { gt: from, lte: upTo },
      limit: 500,
    });
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
