import { systemClock } from '@numberyard/kit/clock/system-clock';
import { assembleSubgraph, type Worker } from '@numberyard/kit/graph/assemble-subgraph';
import { createLogger } from '@numberyard/kit/logging/logger';
import { ServiceError } from '@numberyard/kit/service/service-client';
import { openTestStore } from '@numberyard/kit/testing/store';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { Leases } from '@numberyard/kit/workers/leases';
import { buildSchema } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function assemble(workers: Record<string, Worker>) {
  const { store, close } = await openTestStore({ collections: workerCollections });
  closers.push(close);
  const leases = new Leases({ store, clock: systemClock, logger: createLogger('silent') });
  const schema = buildSchema('type Query { ok: Boolean }');
  return { store, subgraph: assembleSubgraph({ name: 'shop', schema, store, leases, workers, context: () => ({}) }) };
}

function worker(more: Partial<Worker> = {}): Worker {
  return { start: () => undefined, drain: async () => undefined, failing: undefined, ...more };
}

describe('an assembled subgraph', () => {
  it('is healthy while its store answers and its workers do', async () => {
    const { subgraph } = await assemble({ sweep: worker() });
    await expect(subgraph.health()).resolves.toBeUndefined();
  });

  it('names the worker that is failing, and why', async () => {
    const { subgraph } = await assemble({ sweep: worker(), sync: worker({ failing: new Error('no route') }) });
    await expect(subgraph.health()).rejects.toThrow('shop: sync is failing: no route');
  });

  it('is as ready as it can be while another service is away that its workers need: what it has itself it can serve', async () => {
    const away = new ServiceError('UNAVAILABLE', 'connections cannot be reached.');
    const held = new Error('numbers stay in cooling', { cause: away });
    const { subgraph } = await assemble({ follower: worker({ failing: away }), sweep: worker({ failing: held }) });
    await expect(subgraph.health()).resolves.toBeUndefined();
  });

  it('names a failing worker though another one waits for a service that is away', async () => {
    const away = new ServiceError('UNAVAILABLE', 'connections cannot be reached.');
    const refused = new ServiceError('REFUSED', 'the signature does not fit');
    const { subgraph } = await assemble({ follower: worker({ failing: away }), sync: worker({ failing: refused }) });
    await expect(subgraph.health()).rejects.toThrow('shop: sync is failing: the signature does not fit');
  });

  it('closes its store only after every worker has stopped, whatever one of them throws', async () => {
    const seen: string[] = [];
    const { store, subgraph } = await assemble({
      broken: worker({ drain: () => Promise.reject(new Error('stuck')) }),
      slow: worker({
        drain: async () => {
          await store.ping();
          seen.push('stopped on an open store');
        },
      }),
    });
    await subgraph.drain();
    expect(seen).toEqual(['stopped on an open store']);
    await expect(subgraph.health()).rejects.toThrow(/closed/i);
  });
});
