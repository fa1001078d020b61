/** What a kind of fault may do, and what it sees when it does it. */
import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.js';
import type { Registration, Registrations } from './registrations.js';
import type { Sessions } from './sessions.js';
import type { RegisteredUserRecord } from './wire.js';

/** Each kind says which of them it heeds. */
export interface FaultParameters {
  readonly status?: number;
  readonly retryAfter?: number;
  readonly milliseconds?: number;
  readonly bytes?: number;
  readonly items?: number;
  readonly by?: number;
  readonly count?: number;
  readonly change?: 'drop' | 'return';
  readonly location?: string;
  readonly number?: string;
  readonly reads?: boolean;
  readonly field?: string;
  readonly answer?: 'empty' | '404';
}

/** A call as the faults see it. */
export interface Call {
  /** Page of the listing of registered users it asks for; undefined for any other call. */
  readonly page: number | undefined;
  readonly offset: number;
  readonly limit: number;
  readonly filtered: boolean;
  readonly registrations: Registrations;
  readonly sessions: Sessions;
}

export interface Listing {
  readonly registrations: readonly Registration[];
  readonly total: number;
}

export interface FaultKind {
  /** What it does, for people. */
  readonly sentence: string;
  readonly parameters: Readonly<Partial<Record<keyof FaultParameters, string>>>;
  /** `listing`: pages of registered users; `calls`: every call below the base path. */
  readonly strikes: 'listing' | 'calls';
  readonly onPage?: number;
  readonly times?: number;
  readonly applies?: (call: Call) => boolean;
  /** Waits before anything else. */
  readonly delay?: (parameters: FaultParameters) => number;
  /** Before the call is answered. */
  readonly before?: (parameters: FaultParameters, call: Call) => void;
  /** Answers in place of the routing manager, before it looks at the credentials; undefined leaves the call to it. */
  readonly answer?: (parameters: FaultParameters) => Answer | undefined;
  readonly list?: (parameters: FaultParameters, listing: Listing, call: Call) => Listing;
  readonly records?: (parameters: FaultParameters, records: RegisteredUserRecord[]) => unknown[];
  /** After the answer was made, before it is sent. */
  readonly after?: (parameters: FaultParameters, call: Call) => void;
  /** Sends the bytes in its own way. */
  readonly send?: (parameters: FaultParameters, response: ServerResponse, head: Answer, bytes: Buffer) => void;
}
