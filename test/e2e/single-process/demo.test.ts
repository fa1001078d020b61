/** The first thing a newcomer sees: a demo that fills itself, and is found again. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { expect, it } from 'vitest';
import { startServer, type Server } from '../../src/fault/server.js';
import { ApiClient } from '../../src/world/client.js';

interface Seen {
  readonly numberSummary: { total: number; byStatus: { status: string; count: number }[] };
  readonly syncRuns: { edges: { node: { state: string } }[] };
}

const SEEN = '{ numberSummary { total byStatus { status count } } syncRuns(first: 500) { edges { node { state } } } }';

it('fills itself at the first start, also one that was killed, and is found again by the next', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-demo-'));
  const key = `ny_${randomBytes(24).toString('base64url')}`;
  let server: Server | undefined;
  const seen = async (): Promise<Seen> => {
    const { data } = await new ApiClient(server?.url ?? '', key).send(SEEN);
    return {
      numberSummary: data?.['numberSummary'] as Seen['numberSummary'],
      syncRuns: data?.['syncRuns'] as Seen['syncRuns'],
    };
  };
  const devices = ({ numberSummary: { byStatus } }: Seen) =>
    byStatus.reduce((sum, { status, count }) => sum + (['USED', 'COOLING'].includes(status) ? count : 0), 0);
  try {
    for (const start of ['first', 'second']) {
      server = await startServer(folder, key, []);
      const filled = await waitUntil(`the devices of the ${start} start`, async () => {
        const now = await seen();
        return devices(now) >= 990 && now.syncRuns.edges.every(({ node }) => node.state !== 'RUNNING')
          ? now
          : undefined;
      });
      expect(filled.numberSummary.total).toBe(4_000);
      expect(filled.syncRuns.edges.filter(({ node }) => node.state === 'FAILED')).toEqual([]);
      if (start === 'second') await expectAudits(new ApiClient(server.url, key));
      await server.kill();
    }
  } finally {
    await server?.kill();
    await rm(folder, { recursive: true, force: true });
  }
});

const AUDITS = `{ auditRuns {
  edges { node { customer { name } state dryRun findingCounts { kind } sourcesAsOf { name } } }
} }`;

/** One of each customer, with something to find. */
async function expectAudits(client: ApiClient): Promise<void> {
  const ended = await waitUntil('an audit of each customer', async () => {
    const { edges } = await client.ask<{
      edges: {
        node: { customer: { name: string }; state: string; dryRun: boolean; findingCounts: { kind: string }[] };
      }[];
    }>(AUDITS);
    return edges.length >= 2 && edges.every(({ node }) => node.state === 'SUCCEEDED') ? edges : undefined;
  });
  const found = ended
    .map(({ node }) => [node.customer.name, node.dryRun, node.findingCounts.map(({ kind }) => kind).sort()])
    .sort();
  expect(found).toEqual([
    ['Harbour Hotels', true, ['CREATED', 'DUPLICATE_NUMBER', 'DUPLICATE_PHONE', 'MARKED_USED', 'SKIPPED_RESERVED']],
    ['Lakeside Clinics', true, ['CREATED', 'DUPLICATE_DEVICE_PROFILE', 'MARKED_USED', 'SKIPPED_RESERVED']],
  ]);
}
