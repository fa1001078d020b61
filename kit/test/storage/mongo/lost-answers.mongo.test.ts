/** The engine over a network that loses what matters most. */
import { Schema } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineCollection } from '../../../src/storage/collection.js';
import { openMongoStore } from '../../../src/storage/mongo/open.js';
import { type Commit, type Doc, type Store, StoreError } from '../../../src/storage/port.js';
import { takeTestDatabases, type TestDatabases } from '../../../src/testing/mongo.js';
import { waitUntil } from '../../../src/testing/wait-until.js';
import { CuttingProxy } from './cutting-proxy.js';

interface Thing extends Doc {
  readonly name: string;
}

const things = defineCollection<Thing>({
  name: 'things',
  schema: new Schema({ name: String }),
  keys: { name: { paths: ['name'], unique: true } },
  counters: { names: { at: 'name', by: [] } },
});

function making(id: string): Commit {
  return {
    save: [{ collection: 'things', doc: { id, version: 0, name: `n-${id}` } as Thing }],
    events: [
      {
        type: 'made',
        retention: 'history',
        entity: `thing:${id}`,
        path: 'p',
        actor: { type: 'WORKER', id: 'test' },
        time: '2026-01-01T00:00:00.000Z',
        fields: {},
      },
    ],
  };
}

describe('over a network that loses things', { timeout: 90_000 }, () => {
  let databases: TestDatabases;
  let proxy: CuttingProxy;
  let store: Store;

  beforeEach(async () => {
    databases = await takeTestDatabases('lost-answers');
    const [, host = '', port = ''] = /\/\/([^:/]+):(\d+)/.exec(databases.uri) ?? [];
    proxy = await CuttingProxy.before({ host, port: Number(port) });
    const uri = `mongodb://127.0.0.1:${proxy.port}/${databases.prefix}?directConnection=true`;
    store = await openMongoStore({ uri, name: 'lossy', collections: [things] });
    // What opening committed is not to be counted.
    proxy.commits = 0;
  });
  afterEach(async () => {
    await store.close();
    await proxy.close();
    databases.release();
  });

  const expectOnce = async (answer: unknown) => {
    const { epoch } = await store.log.state();
    expect(answer).toEqual({ ok: true, cursor: `${epoch}.1`, versions: [1] });
    expect(await store.get(things, 'a')).toMatchObject({ version: 1 });
    expect((await store.log.read({ after: 0, limit: 10 })).events).toHaveLength(1);
    expect(await store.verify()).toEqual([]);
  };

  it('a commit whose answer is lost once is asked for again, and applied once', async () => {
    proxy.lose('ANSWER', 1);
    await expectOnce(await store.commit(making('a')));
    expect(proxy.commits).toBeGreaterThan(1);
  });

  it('a commit whose every answer is lost is found by another transaction, and not applied twice', async () => {
    proxy.lose('ANSWER', 10);
    await expectOnce(await store.commit(making('a')));
    expect(proxy.commits).toBe(11);
  });

  it('a commit that never reaches the server is applied by another transaction, past the one it left open', async () => {
    proxy.lose('QUESTION', 10);
    await expectOnce(await store.commit(making('a')));
  });

  it('a commit and a read wait for a server that is away a while', async () => {
    proxy.goAway();
    const asked = Promise.all([store.commit(making('a')), store.get(things, 'none')]);
    let refusals = 0;
    await waitUntil('readiness to be refused twice', async () => {
      await store.ping().catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'UNAVAILABLE' });
        refusals += 1;
      });
      return refusals >= 2;
    });
    proxy.comeBack();
    const [answer, none] = await asked;
    expect(none).toBeUndefined();
    await expectOnce(answer);
    await waitUntil('readiness', () =>
      store.ping().then(
        () => true,
        () => false,
      ),
    );
  });

  it('closing the store ends waiting for a server that is away, and nothing of what waited is applied later', async () => {
    proxy.goAway();
    const waiting = store.commit(making('a'));
    const answered = expect(waiting).rejects.toMatchObject({ name: 'StoreError', code: 'UNAVAILABLE' });
    const read = expect(store.log.state()).rejects.toMatchObject({ name: 'StoreError', code: 'CLOSED' });
    await store.close();
    await Promise.all([answered, read]);
    await expect(store.get(things, 'a')).rejects.toBeInstanceOf(StoreError);
    proxy.comeBack();
    const uri = databases.uri;
    const again = await openMongoStore({ uri, name: 'lossy', collections: [things] });
    expect(await again.get(things, 'a')).toBeUndefined();
    await again.close();
  });
});
