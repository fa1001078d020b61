/** Audits as a client runs them. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import type { ApiClient, UserError } from '../world/client.js';

export interface StartInput {
  readonly customer: string;
  readonly level: 'CUSTOMER' | 'SITE';
  readonly sites?: readonly string[];
  readonly dryRun?: boolean;
  readonly idempotencyKey?: string;
}

export interface AuditOutcome {
  readonly id: string;
  readonly state: string;
  readonly dryRun: boolean;
  readonly trigger: string;
  readonly counts: Readonly<Record<'created' | 'updated' | 'unchanged' | 'skipped' | 'conflicts', number>>;
  readonly findingCounts: readonly { readonly kind: string; readonly count: number }[];
  readonly progress: { readonly compared: number; readonly total: number | null; readonly upTo: string | null };
  readonly sourcesAsOf: readonly { readonly name: string; readonly lastSuccessfulSync: string | null }[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

interface Shown {
  readonly status: string;
  readonly usage: readonly string[];
  readonly vendor: string | null;
}

export interface AuditFinding {
  readonly id: string;
  readonly kind: string;
  readonly outcome: string;
  readonly number: string | null;
  readonly before: Shown | null;
  readonly after: Shown | null;
  readonly cause: string;
  readonly resolution: string | null;
}

const RUN = `id state dryRun trigger counts { created updated unchanged skipped conflicts } findingCounts { kind count }
  progress { compared total upTo } sourcesAsOf { name lastSuccessfulSync } error { code message }`;
const PAYLOAD = '{ auditRun { id } userErrors { code message field } }';
const START = `mutation($input: StartAuditInput!) { startAudit(input: $input) ${PAYLOAD} }`;
const APPLY = `mutation($input: ApplyAuditInput!) { applyAudit(input: $input) ${PAYLOAD} }`;
const CANCEL = `mutation($input: CancelAuditInput!) { cancelAudit(input: $input) ${PAYLOAD} }`;

type Payload = { readonly auditRun: { readonly id: string } | null; readonly userErrors: readonly UserError[] };

/** The answer with its refusals. */
export const askAudit = (client: ApiClient, input: StartInput) => client.ask<Payload>(START, { input });
export const askApply = (client: ApiClient, run: string) => client.ask<Payload>(APPLY, { input: { run } });
export const askCancel = (client: ApiClient, run: string) => client.ask<Payload>(CANCEL, { input: { run } });

export async function startAudit(client: ApiClient, input: StartInput): Promise<string> {
  return started(await askAudit(client, input));
}

export async function auditEnded(client: ApiClient, id: string, deadlineMs?: number): Promise<AuditOutcome> {
  return waitUntil(
    `audit ${id} to end`,
    async () => {
      const run = await client.ask<AuditOutcome>(`query($id: ID!) { auditRun(id: $id) { ${RUN} } }`, { id });
      return ['QUEUED', 'RUNNING'].includes(run.state) ? undefined : run;
    },
    deadlineMs,
  );
}

/** Start an audit and wait for its end. */
export async function audit(client: ApiClient, input: StartInput): Promise<AuditOutcome> {
  return auditEnded(client, await startAudit(client, input));
}

/** Apply a dry run's findings and wait for the end. */
export async function apply(client: ApiClient, run: string): Promise<AuditOutcome> {
  return auditEnded(client, started(await askApply(client, run)));
}

/** All findings of a run, page by page. */
export async function findingsOf(
  client: ApiClient,
  run: string,
  filter: { readonly kind?: string; readonly numberStartsWith?: string } | null = null,
): Promise<AuditFinding[]> {
  const found: AuditFinding[] = [];
  let after: string | null = null;
  do {
    const { findings }: { findings: Page } = await client.ask(
      `query($run: ID!, $filter: AuditFindingFilter, $after: String) { auditRun(id: $run) {
        findings(filter: $filter, first: 200, after: $after) {
          edges { node { id kind outcome number before { ${SHOWN} } after { ${SHOWN} } cause resolution } }
          pageInfo { hasNextPage endCursor }
        }
      } }`,
      { run, filter, after },
    );
    found.push(...findings.edges.map(({ node }) => node));
    after = findings.pageInfo.hasNextPage ? findings.pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

const SHOWN = 'status usage vendor';

interface Page {
  readonly edges: readonly { readonly node: AuditFinding }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

function started({ auditRun, userErrors }: Payload): string {
  if (!auditRun) throw new Error(JSON.stringify(userErrors));
  return auditRun.id;
}

/** What an audit found, as kind, outcome and number, in order. */
export function told(findings: readonly AuditFinding[]): string[] {
  return findings.map(({ kind, outcome, number }) => `${kind} ${outcome} ${number ?? '-'}`).sort();
}
