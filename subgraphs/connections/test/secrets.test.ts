import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { afterEach, expect, test } from 'vitest';
import { collections } from '../src/main.js';
import { TEST, UPDATE } from './support/operations.js';
import { PASSWORD, TestSubgraph } from './support/subgraph.js';

const NEW_PASSWORD = 'c0rrect-horse-battery';
let subgraph: TestSubgraph;
afterEach(() => subgraph.close());

test('a password is in no answer, log line, event or file, whatever goes wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-secrets-'));
  const store = await openEmbeddedStore({ folder, name: 'connections', collections });
  const closeStore = async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  subgraph = await TestSubgraph.open({ test: { store, close: closeStore } });
  const answers: unknown[] = [];
  const simulator = await subgraph.simulator({ tls: 'self-signed', users: { count: 3, firstNumber: '+4930100' } });
  for (const authenticationMethod of ['BASIC', 'SESSION']) {
    const name = `arm-${authenticationMethod}`;
    const connection = await subgraph.connect(simulator, { name, authenticationMethod, tlsVerify: false });
    const { id } = connection;
    answers.push(connection, await subgraph.sync(id), await subgraph.ask(TEST, { id }));
    answers.push(await subgraph.ask(UPDATE, { input: { id, password: NEW_PASSWORD } }));
    answers.push(await subgraph.sync(id), await subgraph.ask(TEST, { id }));
    answers.push(await subgraph.run(UPDATE, { input: { id, password: NEW_PASSWORD, username: 'a:b' } }));
  }
  const { events } = await store.log.read({ after: 0, limit: 1000 });
  expect(events.length).toBeGreaterThan(10);
  const files = await Promise.all(
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  expect(files.join('')).toContain('AudioCodesConnectionSaved');
  const told = [JSON.stringify(answers), subgraph.logLines.join(''), JSON.stringify(events), ...files].join('\n');
  for (const secret of [PASSWORD, NEW_PASSWORD]) {
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64'),
      Buffer.from(`admin:${secret}`).toString('base64'),
    ]) {
      expect(told.includes(form)).toBe(false);
    }
  }
});
