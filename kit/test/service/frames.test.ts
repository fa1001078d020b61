import { expect, it } from 'vitest';
import { frames, unframed } from '../../src/service/frames.js';

const secret = 'a secret that only the services of one installation hold';
const head = 'v1.the-signature-of-the-request';

async function* stream(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function framesOf(...chunks: string[]): Promise<Buffer[]> {
  const made: Buffer[] = [];
  for await (const frame of frames(stream(...chunks), secret, head)) made.push(frame);
  return made;
}

/** What is believed of these bytes, and why not the rest. */
async function read(raw: readonly Uint8Array[], by = secret, of = head): Promise<{ text: string; problem?: string }> {
  let text = '';
  try {
    for await (const content of unframed(stream(...raw), by, of)) text += Buffer.from(content).toString();
    return { text };
  } catch (error) {
    return { text, problem: (error as { code: string }).code };
  }
}

it('comes out as it went in, however the bytes are cut on the way', async () => {
  const long = 'x'.repeat(200_000);
  const raw = Buffer.concat(await framesOf('one', '', long, 'two'));
  for (const size of [raw.length, 1_000, 7]) {
    const pieces = Array.from({ length: Math.ceil(raw.length / size) }, (_, index) =>
      raw.subarray(index * size, (index + 1) * size),
    );
    expect(await read(pieces)).toEqual({ text: `one${long}two` });
  }
});

it('an empty body is proven to be one', async () => {
  expect(await read(await framesOf())).toEqual({ text: '' });
  expect(await read([])).toEqual({ text: '', problem: 'BAD_REQUEST' });
});

it('nothing of a frame that was altered, and nothing after it, is believed', async () => {
  const [one, two, three, end] = (await framesOf('one', 'two', 'three')) as [Buffer, Buffer, Buffer, Buffer];
  for (const place of [0, 3, 4, 20, 35, 36, two.length - 1]) {
    const altered = Buffer.from(two);
    altered[place] = (altered[place] ?? 0) ^ 1;
    const { text, problem } = await read([one, altered, three, end]);
    expect(text).toBe('one');
    expect(problem).toMatch(/^(?:UNSIGNED|BAD_REQUEST)$/);
  }
});

it('frames that are left out, repeated or in another order are refused', async () => {
  const [one, two, three, end] = (await framesOf('one', 'two', 'three')) as [Buffer, Buffer, Buffer, Buffer];
  expect(await read([one, three, end])).toEqual({ text: 'one', problem: 'UNSIGNED' });
  expect(await read([one, one, two, three, end])).toEqual({ text: 'one', problem: 'UNSIGNED' });
  expect(await read([two, one, three, end])).toEqual({ text: '', problem: 'UNSIGNED' });
  expect(await read([one, end])).toEqual({ text: 'one', problem: 'UNSIGNED' });
  expect(await read([one, two, three, end, one])).toEqual({ text: 'onetwothree', problem: 'UNSIGNED' });
});

it('a body that was cut, between frames or inside one, is told from a whole one', async () => {
  const [one, two, end] = (await framesOf('one', 'two')) as [Buffer, Buffer, Buffer];
  expect(await read([one, two])).toEqual({ text: 'onetwo', problem: 'BAD_REQUEST' });
  expect(await read([one, two.subarray(0, -1)])).toEqual({ text: 'one', problem: 'BAD_REQUEST' });
  expect(await read([one, two, end.subarray(0, 10)])).toEqual({ text: 'onetwo', problem: 'BAD_REQUEST' });
});

it('a body of another request, or of another secret, is refused', async () => {
  const raw = await framesOf('one');
  expect(await read(raw, secret, `${head}x`)).toEqual({ text: '', problem: 'UNSIGNED' });
  expect(await read(raw, `${secret}x`)).toEqual({ text: '', problem: 'UNSIGNED' });
});
