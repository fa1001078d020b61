import { StringDecoder } from 'node:string_decoder';

/**
 * The lines of a stream of bytes, each without its line feed. Not by `node:readline`, which also breaks at U+2028 and U+2029: JSON holds those as they are.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
