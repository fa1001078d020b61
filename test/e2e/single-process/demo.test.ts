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
      await server.kill();
    }
  } finally {
    await server?.kill();
    await rm(folder, { recursive: true, force: true });
  }
});
