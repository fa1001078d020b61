/**
 * Stand-ins for the owners of the numbers and of the registered users: an inventory that is corrected by the plainest rules there are, and remembers what it
 * corrected, so that a test can hold it against the findings.
 */
import type { HierarchyNodeFields } from '@numberyard/schema/events';
import type {
  AuditedNumber,
  AuditedUse,
  Correction,
  CorrectionAnswer,
  CorrectionBatch,
  CorrectionKind,
  LastSync,
  ListedUse,
  Listing,
} from '@numberyard/schema/internal';

export interface KeptNumber {
  node: string;
  status: string;
  uses: readonly AuditedUse[];
}

export class Owners {
  readonly nodes = new Map<string, HierarchyNodeFields>();
  readonly numbers = new Map<string, KeptNumber>();
  /** Registered users by their ids. */
  readonly users = new Map<string, ListedUse>();
  lastSyncs: readonly LastSync[] = [];
  /** Items of a page, at most; and whether every other page is empty. */
  pageSize = 500;
  emptyPages = false;
  /** Called before each call is answered; may throw, or change something. */
  onCall: (name: string) => void | Promise<void> = () => undefined;
  /** Corrections that were made, in their order. */
  readonly corrected: { readonly run: string; readonly batch: number; readonly correction: Correction }[] = [];
  /** Batches that were handed in, each time they were. */
  readonly batches: CorrectionBatch[] = [];
  /** How often a batch is not done when it is asked after. */
  pending = 0;
  readonly #answers = new Map<string, { readonly batch: number; readonly answer: CorrectionAnswer }>();

  readonly numberInventory = {
    auditedNode: async (id: string) => {
      await this.onCall('auditedNode');
      const node = this.nodes.get(id);
      return node && { node, numbers: this.numbers.size };
    },
    auditedNumbers: async (_customer: string, after: string | undefined, limit: number) => {
      await this.onCall('auditedNumbers');
      const all = [...this.numbers].sort(([a], [b]) => (a < b ? -1 : 1));
      return this.#page(
        all.map(([number, kept]) => audited(number, kept)),
        ({ number }) => number,
        after,
        limit,
      );
    },
    correctNumbers: async (batch: CorrectionBatch): Promise<CorrectionAnswer> => {
      await this.onCall('correctNumbers');
      this.batches.push(batch);
      const known = this.#answers.get(batch.run);
      if (known && known.batch > batch.batch) throw new Error('a batch before the last');
      if (known?.batch === batch.batch) {
        if (this.pending > 0) {
          this.pending -= 1;
          return { state: 'PENDING' };
        }
        return known.answer;
      }
      const answer = this.#judge(batch);
      this.#answers.set(batch.run, { batch: batch.batch, answer });
      await this.onCall('corrected');
      return answer;
    },
  };

  readonly connections = {
    numberUses: async (_customer: string, after: string | undefined, limit: number) => {
      await this.onCall('numberUses');
      const key = ({ number, ref }: ListedUse) => `${number} ${ref}`;
      const all = [...this.users.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
      return this.#page(all, key, after, limit);
    },
    lastSyncs: async () => {
      await this.onCall('lastSyncs');
      return this.lastSyncs;
    },
  };

  /** A device registers with a number. */
  register(ref: string, number: string, more: Partial<ListedUse> = {}): void {
    this.users.set(ref, {
      ref,
      number,
      connection: 'arm',
      node: 'acme',
      status: 'USED',
      usage: 'DEVICE',
      vendor: 'AudioCodes',
      usedBy: `registered user ${ref}`,
      cluster: null,
      partition: null,
      ...more,
    });
  }

  /** Put a number into the inventory, with the uses of these registered users. */
  keep(number: string, uses: readonly AuditedUse[] = [], more: Partial<KeptNumber> = {}): void {
    this.numbers.set(number, { node: 'acme', status: uses.length > 0 ? 'USED' : 'AVAILABLE', uses, ...more });
  }

  /** Positions are opaque: nobody but this tells where they lead to. */
  #page<T>(all: readonly T[], key: (item: T) => string, after: string | undefined, limit: number): Listing<T> {
    const [from, isEmpty] = JSON.parse(after ?? '["",false]') as [string, boolean];
    const left = all.filter((item) => key(item) > from);
    if (this.emptyPages && !isEmpty && left.length > 0) return { items: [], after: JSON.stringify([from, true]) };
    const items = left.slice(0, Math.min(limit, this.pageSize));
    const last = items.at(-1);
    return { items, ...(last && left.length > items.length && { after: JSON.stringify([key(last), false]) }) };
  }

  #judge(batch: CorrectionBatch): CorrectionAnswer {
    if (this.nodes.get(batch.customer)?.numberManagement === false)
      return { state: 'REFUSED', code: 'NUMBER_MANAGEMENT_OFF', message: 'Number management is off.' };
    const corrections = batch.numbers.map(({ number, mark, services }) => {
      const uses = [
        ...[...this.users.values()]
          .filter((use) => use.number === number)
          .map(({ ref, usage, vendor }) => ({ source: 'REGISTERED_USER', ref, usage, vendor })),
        ...services.map(({ ref, usage, vendor }) => ({ source: 'SERVICE', ref, usage, vendor })),
      ];
      const correction = this.#correct(number, mark, uses, batch);
      if (correction.after && !batch.dryRun) {
        const { status, node } = correction.after;
        this.numbers.set(number, { node, status, uses: [...assignments(this.numbers.get(number)), ...uses] });
        this.corrected.push({ run: batch.run, batch: batch.batch, correction });
      }
      return correction;
    });
    return { state: 'DONE', corrections };
  }

  #correct(
    number: string,
    mark: string | null,
    uses: readonly AuditedUse[],
    { customer }: CorrectionBatch,
  ): Correction {
    const kept = this.numbers.get(number);
    const answer = (kind: CorrectionKind, status?: string): Correction => {
      const node = kept?.node ?? customer;
      const shown = { usage: uses.map(({ usage }) => usage), vendor: null, releaseDate: null, node };
      return {
        number,
        id: `${customer}:${number}`,
        path: `p.${customer}`,
        kind,
        before: kept ? { ...shown, status: kept.status } : null,
        after: status === undefined ? null : { ...shown, status },
        cause: uses.length > 0 ? `Used by ${uses.map(({ ref }) => ref).join(', ')}.` : 'Nothing uses it.',
        conflicts: new Set(uses.map(({ vendor }) => vendor)).size > 1 ? ['VENDOR_CONFLICT'] : [],
      };
    };
    if (!kept) {
      if (uses.length === 0) return answer('UNCHANGED');
      return mark === null ? answer('CREATED', 'USED') : answer('CHANGED_MEANWHILE');
    }
    const all = [...assignments(kept), ...uses];
    const wrong = usesAsText(all) !== usesAsText(kept.uses);
    if (kept.status === 'COOLING') return answer(uses.length > 0 ? 'SKIPPED_COOLING' : 'UNCHANGED');
    if (kept.status === 'RESERVED') return answer(uses.length > 0 ? 'SKIPPED_RESERVED' : 'UNCHANGED');
    if (!wrong) return answer('UNCHANGED');
    if (audited(number, kept).mark !== mark) return answer('CHANGED_MEANWHILE');
    if (all.length === 0) return answer('FREED', 'AVAILABLE');
    return answer(kept.status === 'AVAILABLE' ? 'MARKED_USED' : 'USES_CORRECTED', 'USED');
  }
}

export function device(ref: string): AuditedUse {
  return { source: 'REGISTERED_USER', ref, usage: 'DEVICE', vendor: 'AudioCodes' };
}

function assignments(kept: KeptNumber | undefined): readonly AuditedUse[] {
  return (kept?.uses ?? []).filter(({ source }) => source === 'ASSIGNMENT');
}

function audited(number: string, { node, status, uses }: KeptNumber): AuditedNumber {
  const level = node === 'acme' ? 'CUSTOMER' : 'SITE';
  return { number, node, level, status, uses, consistent: true, mark: `${node} ${status} ${usesAsText(uses)}` };
}

export function usesAsText(uses: readonly AuditedUse[]): string {
  return uses
    .map(({ source, ref, usage, vendor }) => `${source}/${ref}/${usage}/${vendor}`)
    .sort()
    .join();
}
