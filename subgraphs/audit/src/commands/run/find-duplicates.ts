/** Device profiles of one name, and phones of one MAC, in different clusters: one finding for each ("Audit Number Inventory", Common Errors and Caveats). */
import { giveWay } from '@numberyard/kit/workers/courtesy';
import { isAudited } from '../../domain/compare.js';
import { duplicateDeviceProfile, duplicatePhone } from '../../domain/duplicates.js';
import { errorOf } from '../../domain/finding.js';
import { withFindings, type Found } from '../../domain/make-findings.js';
import type { NumberService } from '../../domain/number-service.js';
import { NO_COUNTS, passed } from '../../domain/run-life.js';
import { nowOf } from '../context.js';
import type { ScopedJob } from './audit-job.js';
import { PageFeed } from './page-feed.js';
import { savedFindings } from './saved-findings.js';
import { servicePage } from './services-of.js';

const PHASES = {
  DEVICE_PROFILES: {
    kind: 'DUPLICATE_DEVICE_PROFILE',
    key: 'byName',
    within: ['DEVICE_PROFILE'],
    nameOf: ({ name }: NumberService) => name,
    duplicate: duplicateDeviceProfile,
  },
  PHONES: {
    kind: 'DUPLICATE_PHONE',
    key: 'byMac',
    within: [],
    nameOf: ({ mac }: NumberService) => mac ?? '',
    duplicate: duplicatePhone,
  },
} as const;

/** Findings of one commit, and what is gone through without one, at most. */
const MOST_FOUND = 200;
const MOST_PASSED = 20_000;

/** Goes on after the last name that was gone through. At level SITE only what an audited site has a part in is told. */
export async function findDuplicates(job: ScopedJob, phase: keyof typeof PHASES): Promise<void> {
  const { context, writer, scope, signal } = job;
  const { kind, key, within, nameOf, duplicate } = PHASES[phase];
  const { upTo, customer, path } = writer.run;
  const next = upTo === undefined ? {} : { next: { gt: upTo } };
  const find = { key, equals: [customer, ...within], ...next };
  const services = new PageFeed(nameOf, (after) => servicePage(context.store, find, after), undefined);
  let found: Found[] = [];
  let through = 0;
  let last: string | undefined;
  const write = async () => {
    const told = { ...(last !== undefined && { upTo: last }), compared: 0, counts: NO_COUNTS };
    await writer.write(async (run) => {
      const written = withFindings(passed(run, told), found, nowOf(context));
      return { next: written.run, commit: { save: await savedFindings(context.store, written.findings) } };
    });
    found = [];
    through = 0;
  };
  for (let name = await nextName(services); name !== undefined; name = await nextName(services)) {
    signal.throwIfAborted();
    const lines = services.take(name);
    const cause = lines.some(({ node }) => isAudited(scope, node)) ? duplicate(lines) : undefined;
    if (cause !== undefined) found.push({ path, kind, outcome: 'REPORTED', cause: `${errorOf(kind)} ${cause}` });
    through += lines.length;
    last = name;
    if (found.length >= MOST_FOUND || through >= MOST_PASSED) await write();
  }
  if (found.length > 0) await write();
}

/** The next name, all of whose lines are at hand; undefined at the end. */
async function nextName(services: PageFeed<NumberService>): Promise<string | undefined> {
  while (!services.isWhole && (services.head === undefined || services.head === services.last)) {
    await services.more();
    await giveWay();
  }
  return services.head;
}
