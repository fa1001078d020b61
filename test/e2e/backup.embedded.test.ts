/** The last line of defence: a backup taken beside the running server, killed and taken again, put back after the worst. */
import { setTimeout as delay } from 'node:timers/promises';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bringBack, claim, type Inventory, makeInventory, readEverything } from '../src/world/inventory-story.js';
import { type Movable, openMovable, type Place, runProgram } from '../src/world/movable.js';

const CHANGES = 'subscription($after: String) { numberChanged(after: $after) { id change cursor } }';

let world: Movable;
let inventory: Inventory;
let here: Place;
let folder: string;
let backup: string;
let before: { answers: unknown; claimed: string; cursor: string };

beforeAll(async () => {
  world = await openMovable();
  folder = world.newFolder('data');
  backup = world.newFolder('backup');
  here = { NUMBERYARD_DATA: folder };
  await world.start(here);
  inventory = await makeInventory(world);
  before = {
    answers: await readEverything(world.client()),
    claimed: await claim(world.client(), inventory.customer),
    cursor: await world.cursor('number-inventory'),
  };
});

afterAll(() => world?.close());

/** Resolves when a file is there. */
const appeared = (file: string) => async (signal: AbortSignal) => {
  while (!signal.aborted && !(await stat(file).catch(() => undefined))) await delay(1);
};

it('leaves no backup that looks whole when it is killed', async () => {
  const killed = await runProgram(
    'backup',
    ['--to', backup],
    here,
    appeared(join(`${backup}.unfinished`, 'number-inventory.jsonl.gz')),
  );
  expect(killed.code).toBeNull();
  expect(await readdir(dirname(backup))).not.toContain(basename(backup));
  const unfinished = ['--from', `${backup}.unfinished`];
  const restored = await runProgram('restore', unfinished, { NUMBERYARD_DATA: world.newFolder('nowhere') });
  expect(restored).toMatchObject({ code: 1, output: expect.stringContaining('is no backup') });
});

it('backs up a running server and says that the encryption key is kept apart', async () => {
  const { code, output } = await runProgram('backup', ['--to', backup], here);
  expect(code).toBe(0);
  expect(output).toMatch(/The encryption key \(fingerprint [0-9a-f]{16}\) is not part of it/);
  const key = (await readFile(join(folder, 'encryption.key'), 'utf8')).trim();
  for (const file of await readdir(backup)) {
    expect((await readFile(join(backup, file))).includes(key), `${file} holds the key`).toBe(false);
  }
  await world.stop();
});

it('is not put over an installation, and changes nothing on a trial', async () => {
  const restored = await runProgram('restore', ['--from', backup], here);
  expect(restored).toMatchObject({ code: 1, output: expect.stringContaining('is not empty') });
  const empty = { NUMBERYARD_DATA: world.newFolder('trial') };
  expect(await runProgram('restore', ['--from', backup, '--dry-run'], empty)).toMatchObject({ code: 0 });
  expect((await readdir(empty.NUMBERYARD_DATA)).filter((name) => name.endsWith('.sqlite'))).toEqual([]);
});

it('keeps the server from starting on half a restore, and goes on where it was killed', async () => {
  const home = world.newFolder('home');
  const place = { NUMBERYARD_DATA: home };
  const killed = await runProgram('restore', ['--from', backup], place, appeared(join(home, 'audit.sqlite')));
  expect(killed.code).toBeNull();
  await expect(world.start(place)).rejects.toThrow(/holds an unfinished restore/);
  const restored = await runProgram('restore', ['--from', backup], place);
  expect(restored).toMatchObject({ code: 0, output: expect.stringContaining('there is none at hand') });
  expect(await runProgram('migrate', [], place)).toMatchObject({ code: 0 });
  expect(await runProgram('verify', [], place)).toMatchObject({ code: 0 });
  await copyFile(join(folder, 'encryption.key'), join(home, 'encryption.key'));
  await world.start(place);
});

it('answers every query as before, under a new epoch, and goes on with its work', async () => {
  expect(await readEverything(world.client())).toEqual(before.answers);
  const stream = world.client().subscribe(CHANGES, { after: before.cursor });
  await waitUntil('the stream to end', () => stream.ended);
  expect(JSON.stringify(stream.problem)).toContain('CURSOR_FOREIGN_EPOCH');
  await stream.stop();
  expect(await claim(world.client(), inventory.customer)).toBe(before.claimed);
  await bringBack(world.client(), inventory);
});
