/** The answers of the contract as the tests read them; which fields are there is what the operation asked for. */

export interface UserErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
}

export interface IssueAnswer {
  readonly kind: string;
  readonly subject: string | null;
  readonly message: string;
}

export interface RunAnswer {
  readonly id: string;
  readonly kind: string;
  readonly trigger: string;
  readonly state: string;
  readonly queuedAt: string;
  readonly finishedAt: string | null;
  readonly issueCount: number;
  readonly progress: Readonly<Record<'fetched' | 'added' | 'updated' | 'removed' | 'unchanged', number>>;
  readonly effect: Readonly<Record<'numbersUsed' | 'numbersCooling', number>>;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly issues: List<IssueAnswer>;
}

export interface ScheduleAnswer {
  readonly name: string;
  readonly enabled: boolean;
  readonly nextRunAt: string | null;
  readonly lastRunAt: string | null;
}

export interface ConnectionAnswer {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly hierarchyNode: { readonly id: string };
  readonly username: string | null;
  readonly routingManager: string | null;
  readonly pinnedCertificate: string | null;
  readonly reachability: { readonly state: string; readonly error: string | null };
  readonly schedule: ScheduleAnswer;
  readonly lastSyncRun: { readonly id: string } | null;
}

export interface List<T> {
  readonly totalCount: number;
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

export interface PayloadAnswer {
  readonly connection: ConnectionAnswer;
  readonly syncRun: RunAnswer;
  readonly schedule: ScheduleAnswer;
  readonly dataSync: { readonly enabled: boolean; readonly allowEmpty: boolean; readonly filter: readonly unknown[] };
  readonly userErrors: readonly UserErrorAnswer[];
  readonly durationMs: number;
}

export type MutationName =
  | 'createAudioCodesConnection'
  | 'updateAudioCodesConnection'
  | 'deleteAudioCodesConnection'
  | 'testAudioCodesConnection'
  | 'runDataSync'
  | 'cancelSyncRun'
  | 'updateDataSync'
  | 'updateSchedule';

export interface Answers extends Readonly<Record<MutationName, PayloadAnswer>> {
  readonly audioCodesConnection: ConnectionAnswer;
  readonly audioCodesConnections: List<ConnectionAnswer>;
  readonly syncRun: RunAnswer;
  readonly syncRuns: List<RunAnswer>;
  readonly _entities: readonly unknown[];
}

export interface UpdateAnswer {
  readonly change: string;
  readonly cursor: string;
  readonly syncRun: RunAnswer;
  readonly connection: ConnectionAnswer;
}

/** A payload of a subscription. */
export interface LiveAnswer {
  readonly data: Readonly<Record<'syncRunUpdated' | 'connectionReachabilityChanged', UpdateAnswer>>;
}
