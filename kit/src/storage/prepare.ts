/** Holding a commit to the port's rules before it is queued, and taking the snapshot that is queued. */
import type { NewEvent } from '../log/event.js';
import type { Collection } from './collection.js';
import { isStorable, keyProblem } from './entries.js';
import { type Commit, type Doc, type Expectation, type Instant, type RequestRecord, StoreError } from './port.js';
import type { PreparedCommit, PreparedEvent, PreparedRequest, PreparedSave } from './prepared.js';
import { compileValidator, type Validator } from './validation.js';

/** Bounds of one commit and its parts; sizes in characters of JSON. A batch of a few hundred documents fits whatever texts people gave them. */
export const COMMIT_LIMITS = {
  documents: 2_000,
  events: 10_000,
  size: 16_000_000,
  document: 1_000_000,
  event: 65_536,
} as const;

/** How long a request is remembered, in milliseconds: seven days. */
export const REQUEST_TERM = 7 * 24 * 60 * 60 * 1000;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The escape of half a surrogate pair, with the escaped backslashes before it. */
const HALF_PAIR = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

interface Known {
  readonly collection: Collection<Doc>;
  validate: Validator | undefined;
}

/** Prepares the commits of one store. */
export class Preparer {
  readonly #known: ReadonlyMap<string, Known>;
  readonly #now: () => number;

  constructor(collections: readonly Collection<Doc>[], now: () => number) {
    this.#known = new Map(collections.map((collection) => [collection.name, { collection, validate: undefined }]));
    this.#now = now;
  }

  /** Validate the documents of a commit by their schemas. Takes its own copy of them at once. @throws StoreError INVALID */
  async validate({ save = [] }: Commit): Promise<void> {
    const validations = save.map(({ collection, doc }) => {
      const known = this.#collection(collection);
      known.validate ??= compileValidator(known.collection);
      return known.validate(doc);
    });
    await Promise.all(validations);
  }

  /** Check everything else and take the snapshot. @throws StoreError INVALID */
  prepare(commit: Commit): PreparedCommit {
    const seen = new Set<string>();
    const expect = (commit.expect ?? []).map((expectation) => this.#expectation(expectation));
    const save = (commit.save ?? []).map(({ collection, doc }) => {
      once(seen, collection, doc.id);
      return this.#save(collection, doc);
    });
    const remove = (commit.remove ?? []).map((expectation) => {
      once(seen, expectation.collection, expectation.id);
      if (expectation.version === 0)
        throw invalid(`${expectation.collection} ${expectation.id}: nothing to remove at version 0`);
      return this.#expectation(expectation);
    });
    const events = (commit.events ?? []).map(prepareEvent);
    const request = commit.request && this.#request(commit.request);
    const documents = expect.length + save.length + remove.length + events.length;
    const size = sum(save) + sum(events) + (request?.json.length ?? 0);
    if (save.length + remove.length + expect.length > COMMIT_LIMITS.documents) throw tooMuch('documents');
    if (events.length > COMMIT_LIMITS.events) throw tooMuch('events');
    if (size > COMMIT_LIMITS.size) throw tooMuch('size');
    return { expect, save, remove, events, documents, size, ...(request && { request }) };
  }

  /** Instant before which a request's record no longer counts. */
  requestsValidFrom(): Instant {
    return new Date(this.#now() - REQUEST_TERM).toISOString();
  }

  #expectation({ collection, id, version }: Expectation): Expectation {
    this.#collection(collection);
    checkIdentity(collection, id, version);
    return { collection, id, version };
  }

  #save(name: string, doc: Doc): PreparedSave {
    const known = this.#collection(name);
    checkIdentity(name, doc.id, doc.version);
    const problem = keyProblem(doc, known.collection);
    if (problem) throw invalid(`${name}: ${problem} (document ${doc.id})`);
    const json = jsonOf({ ...doc, version: undefined });
    if (json.length > COMMIT_LIMITS.document)
      throw invalid(`${name}: document ${doc.id} is larger than ${COMMIT_LIMITS.document} characters`);
    return { collection: name, id: doc.id, version: doc.version, json };
  }

  #request({ caller, mutation, key, hash, result }: RequestRecord): PreparedRequest {
    for (const [name, value] of Object.entries({ caller, mutation, key, hash })) {
      if (typeof value !== 'string' || value === '') throw invalid(`request: ${name} is empty`);
    }
    const time = new Date(this.#now()).toISOString();
    const json = jsonOf(result ?? null);
    return { caller, mutation, key, hash, json, time, validFrom: this.requestsValidFrom() };
  }

  #collection(name: string): Known {
    const known = this.#known.get(name);
    if (!known) throw invalid(`collection ${name} is not one of this store`);
    return known;
  }
}

function prepareEvent(event: NewEvent): PreparedEvent {
  const { type, retention, entity, time, ...body } = event;
  const refuse = (rule: string) => invalid(`event ${String(type)} of ${String(entity)}: ${rule}`);
  if (typeof type !== 'string' || type === '') throw refuse('type is empty');
  if (retention !== 'history' && retention !== 'passing') throw refuse('retention is neither history nor passing');
  if (typeof entity !== 'string' || !/^[^:]+:./.test(entity)) throw refuse('entity is not of the form kind:id');
  if (!INSTANT.test(time)) throw refuse('time is no instant (YYYY-MM-DDTHH:mm:ss.sssZ)');
  if (typeof body.path !== 'string') throw refuse('path is missing');
  if (typeof body.actor?.id !== 'string') throw refuse('actor is missing');
  if (typeof body.fields !== 'object' || body.fields === null) throw refuse('fields is no object');
  const json = jsonOf(body);
  if (json.length > COMMIT_LIMITS.event) throw refuse(`larger than ${COMMIT_LIMITS.event} characters`);
  return { type, retention, entity, time, json };
}

/** As JSON, in which half a surrogate pair is written as an escape and a whole one is not. There is no such half in UTF-8, so not every engine could keep it. */
function jsonOf(value: unknown): string {
  const json = JSON.stringify(value);
  return json.includes('\\ud') ? json.replaceAll(HALF_PAIR, '$1\\ufffd') : json;
}

function checkIdentity(collection: string, id: string, version: number): void {
  if (!isStorable(id) || id === '')
    throw invalid(`${collection}: a document's id is a well-formed string that is not empty`);
  if (!Number.isSafeInteger(version) || version < 0) throw invalid(`${collection} ${id}: version is no natural number`);
}

function once(seen: Set<string>, collection: string, id: string): void {
  const name = `${collection}\u0000${id}`;
  if (seen.has(name)) throw invalid(`${collection} ${id} stands more than once in the commit`);
  seen.add(name);
}

function sum(parts: readonly { readonly json: string }[]): number {
  return parts.reduce((total, { json }) => total + json.length, 0);
}

function tooMuch(what: 'documents' | 'events' | 'size'): StoreError {
  return invalid(`a commit holds at most ${COMMIT_LIMITS[what]} ${what === 'size' ? 'characters of JSON' : what}`);
}

function invalid(message: string): StoreError {
  return new StoreError('INVALID', message);
}
