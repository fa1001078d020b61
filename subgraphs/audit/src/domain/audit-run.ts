/** A run of Audit Number Inventory: its states and what is kept of it. */
import type { Doc, Instant } from '@numberyard/kit/storage/port';
import type { FindingKind } from './finding.js';

export const AUDIT_LEVELS = ['CUSTOMER', 'SITE'] as const;
export type AuditLevel = (typeof AUDIT_LEVELS)[number];

export const AUDIT_RUN_STATES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type AuditRunState = (typeof AUDIT_RUN_STATES)[number];

export const AUDIT_TRIGGERS = ['MANUAL', 'SCHEDULE', 'APPLY'] as const;
export type AuditTrigger = (typeof AUDIT_TRIGGERS)[number];

export const AUDIT_ERROR_CODES = [
  'NUMBER_MANAGEMENT_OFF',
  'DIAL_PLAN',
  'SOURCE_UNAVAILABLE',
  'OUT_OF_STEP',
  'INTERRUPTED',
  'AUDIT_ACTIVE',
  'INTERNAL',
] as const;

export interface AuditError {
  readonly code: (typeof AUDIT_ERROR_CODES)[number];
  readonly message: string;
}

export interface AuditCounts {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly conflicts: number;
}

export interface AuditSource {
  readonly connection: string;
  readonly name: string;
  /** Absent: it never had one. */
  readonly lastSuccessfulSync?: Instant;
}

/**
 * What a run does one after the other: duplicates are found among the services, then the numbers are gone through. An applying run has only the last, over the
 * findings of its dry run.
 */
export const AUDIT_PHASES = ['DEVICE_PROFILES', 'PHONES', 'NUMBERS'] as const;
export type AuditPhase = (typeof AUDIT_PHASES)[number];

/** Where each listing that the numbers are merged from is read on, so that a run is gone on with where it was; absent: from the beginning. */
export interface ListingPositions {
  readonly numbers?: string;
  readonly uses?: string;
  readonly services?: string;
}

/** Of how far a run has come everything is written in the commit of its findings, so that one that was killed goes on there. */
export interface AuditRun extends Doc {
  /** Id of the customer's hierarchy node. */
  readonly customer: string;
  readonly path: string;
  /** Ids of that node and of all above it, from the root down: it is found at each of them. */
  readonly ancestors: readonly string[];
  readonly level: AuditLevel;
  /** Absent: all. */
  readonly sites?: readonly string[];
  readonly dryRun: boolean;
  readonly trigger: AuditTrigger;
  /** The dry run it applies, and the run that applied it. */
  readonly applies?: string;
  readonly appliedBy?: string;
  readonly state: AuditRunState;
  readonly phase: AuditPhase;
  /** The last name, MAC or number (of an applying run: the last finding, as text) of the phase that was gone through; absent before the first. */
  readonly upTo?: string;
  /** Of the numbers, at or before {@link upTo}. */
  readonly positions?: ListingPositions;
  readonly compared: number;
  readonly total?: number;
  readonly counts: AuditCounts;
  /** Findings written; also the sequence number of the last. */
  readonly findings: number;
  readonly findingCounts: readonly { readonly kind: FindingKind; readonly count: number }[];
  /** The last batch of corrections that was handed over; see {@link AuditBatch}. */
  readonly batch: number;
  readonly sources: readonly AuditSource[];
  /** Label of the key, or of the schedule. */
  readonly startedBy: string;
  /** Of the request that started it, for the log; absent when a schedule did. */
  readonly requestId?: string;
  /** How often it was begun; more than once after its process died. */
  readonly attempts: number;
  /** When it was asked for; what runs are ordered by. */
  readonly queuedAt: Instant;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  readonly error?: AuditError;
}

/**
 * The run of a customer that has not ended; there is at most one because its id is the customer's. Every commit of a running run expects it, so a run that is
 * cancelled, or gone on with by another process, writes nothing more.
 */
export interface ActiveAudit extends Doc {
  readonly run: string;
  readonly queuedAt: Instant;
  /** {@link WAITING}, or the number of the lane that runs it. */
  readonly lane: number;
  /** The run is to end as soon as its runner notices. */
  readonly cancel: boolean;
}

export const WAITING = 0;

/** A run whose process died is gone on with this often before it is given up. */
export const MOST_ATTEMPTS = 5;

/**
 * Corrections on their way to number-inventory. Written before they are handed over, so that after a kill exactly these are handed over again, and what came of
 * them is told once. Id: the run's.
 */
export interface AuditBatch extends Doc {
  readonly batch: number;
  /** As number-inventory is given them; see `CorrectedNumber`. */
  readonly numbers: readonly {
    readonly number: string;
    readonly mark: string | null;
    readonly services: readonly {
      readonly ref: string;
      readonly usage: string;
      readonly vendor: string | null;
      readonly node: string;
      /** What it is, in words. */
      readonly usedBy: string;
    }[];
    /** In what its services are duplicates, as a sentence; absent: they are none. */
    readonly duplicate?: string;
  }[];
}
