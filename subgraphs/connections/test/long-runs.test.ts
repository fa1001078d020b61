/** What a Routing Manager can hold up a run with has an end: nodes without number, and answers that are each just in time. */
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { afterEach, expect, test } from 'vitest';
import { scriptedManager } from './support/scripted-manager.js';
import { TestSubgraph } from './support/subgraph.js';

let subgraph: TestSubgraph;
afterEach(() => subgraph.close());

const pageOf = (query: URLSearchParams, total: number, item: (index: number) => unknown, most = 1_000) => {
  const offset = Number(query.get('offset'));
  const length = Math.max(0, Math.min(Number(query.get('limit')), most, total - offset));
  return { items: Array.from({ length }, (_, index) => item(offset + index)), total, offset };
};
const node = (index: number) => ({
  id: String(index),
  name: `SBC-${index}`,
  operationState: 'AVAILABLE',
  adminState: 'UNLOCKED',
});

test('a Routing Manager that lists nodes without end is given up soon', async () => {
  subgraph = await TestSubgraph.open();
  let asked = 0;
  const manager = await scriptedManager((path, query) => {
    if (path !== '/nodes') return pageOf(query, 0, () => undefined);
    asked += 1;
    return pageOf(query, 60_000, node);
  });
  const run = await subgraph.sync((await subgraph.connect(manager)).id);
  expect(run).toMatchObject({ state: 'FAILED', error: { code: 'UNEXPECTED_ANSWER' } });
  expect(run.error?.message).toMatch(/does not end/);
  expect(asked).toBeLessThan(20);
});

test('a sync that is not done after six hours fails, frees its lane and keeps what it has mirrored', async () => {
  let passed = 0;
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + passed };
  subgraph = await TestSubgraph.open({ clock });
  const user = (index: number) => ({
    id: String(index),
    aor: `sip:+4930${100_000 + index}@acme`,
    state: 'ONLINE',
    nodeId: '0',
    nodeName: 'SBC-0',
  });
  // One user a page; from some on, each page takes a minute.
  const manager = await scriptedManager((path, query) => {
    if (path === '/nodes') return pageOf(query, 1, node);
    if (Number(query.get('offset')) > 10) passed += 60_000;
    return pageOf(query, 1_000_000, user, 1);
  });
  const { id } = await subgraph.connect(manager);
  const run = await subgraph.sync(id);
  expect(run).toMatchObject({ state: 'FAILED', error: { code: 'UNEXPECTED_ANSWER' }, progress: { removed: 0 } });
  expect(run.error?.message).toMatch(/not done within 6 hours/);
  expect(run.progress.added).toBeGreaterThan(0);
});
