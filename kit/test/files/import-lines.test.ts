import { describe, expect, it } from 'vitest';
import { MOST_LINES, readImportLines, type Columns, type ImportForm } from '../../src/files/import-lines.js';

const TAKEN = { name: 'TEXT', size: 'WHOLE_NUMBER', notes: 'TEXTS' } as const;
const COLUMNS: Columns<typeof TAKEN> = { taken: TAKEN, required: ['name'], passedOver: new Set(['id']) };

/** What each line gives, or the code and field of what is wrong with it, by the line's number. */
async function given(content: string, form: ImportForm = 'csv', piece = Infinity): Promise<unknown[]> {
  const bytes = Buffer.from(content);
  const body = (async function* () {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  })();
  const lines: unknown[] = [];
  for await (const some of readImportLines(body, form, COLUMNS))
    for (const { line, given: each } of some)
      lines.push([line, 'fields' in each ? each.fields : [each.problem.code, each.problem.field].join(' ').trim()]);
  return lines;
}

describe('lines of CSV', () => {
  it.each<[string, string, unknown[]]>([
    [
      'cells by their columns',
      'size,name\n2,a\n-3, b \n',
      [
        [2, { name: 'a', size: 2 }],
        [3, { name: ' b ', size: -3 }],
      ],
    ],
    ['semicolons', 'size;name\n2;a,b\n', [[2, { name: 'a,b', size: 2 }]]],
    ['an empty cell, which gives nothing', 'size,name\n,a\n', [[2, { name: 'a' }]]],
    ['a column that is passed over', 'id,name\n7,a\n', [[2, { name: 'a' }]]],
    ['what a spreadsheet was kept from running', "name,size\n'=a,'+2\n", [[2, { name: '=a', size: 2 }]]],
    [
      'an object of texts',
      'name,notes\na,"{""x"":""1"",""y"":null}"\n',
      [[2, { name: 'a', notes: { x: '1', y: null } }]],
    ],
    ['no JSON where there has to be', 'name,notes\na,{x\n', [[2, 'INVALID notes']]],
    [
      'JSON that is no object of texts',
      'name,notes\na,"{""x"":1}"\na,[1]\n',
      [
        [2, 'INVALID notes'],
        [3, 'INVALID notes'],
      ],
    ],
    [
      'no whole number',
      'name,size\na,2.5\na,two\na,1e3\n',
      [
        [2, 'INVALID size'],
        [3, 'INVALID size'],
        [4, 'INVALID size'],
      ],
    ],
    [
      'more or fewer cells than columns',
      'name,size\na\na,1,2\n',
      [
        [2, 'INVALID'],
        [3, 'INVALID'],
      ],
    ],
    ['no line at all', 'name\n', []],
    ['a name of an object of all', 'name,size\nconstructor,1\n', [[2, { name: 'constructor', size: 1 }]]],
  ])('are read the same however they arrive: %s', async (_, content, expected) => {
    for (const piece of [Infinity, 3, 1]) expect(await given(content, 'csv', piece)).toEqual(expected);
  });

  it.each(['size\n', 'name,name\n', 'name,colour\n', 'name,constructor\n', 'name,"x\n'])(
    'are not read under the header %j',
    async (header) => {
      await expect(given(`${header}1,2\n`)).rejects.toMatchObject({ extensions: { field: 'header' } });
    },
  );
});

describe('lines of JSON', () => {
  it('are objects with fields that are known, each of its type or null', async () => {
    const lines = [
      '{"name":"a","size":2,"notes":{"x":null},"id":7}',
      '{"name":null}',
      '{"size":"2"}',
      '{"size":2.5}',
      '{"name":1}',
      '{"notes":[]}',
      '{"__proto__":{},"name":"a"}',
      '{"constructor":1}',
      '[]',
      'null',
      '{',
    ];
    expect(await given(lines.join('\n'), 'jsonl', 5)).toEqual([
      [1, { name: 'a', size: 2, notes: { x: null } }],
      [2, { name: null }],
      [3, 'INVALID size'],
      [4, 'INVALID size'],
      [5, 'INVALID name'],
      [6, 'INVALID notes'],
      [7, 'INVALID __proto__'],
      [8, 'INVALID constructor'],
      [9, 'INVALID'],
      [10, 'INVALID'],
      [11, 'INVALID'],
    ]);
  });
});

it('an import of more lines than may be is refused at the first too many', async () => {
  const body = (async function* () {
    const some = Buffer.from('name\n'.repeat(50_001));
    for (let at = 0; at <= MOST_LINES; at += 50_000) yield some;
  })();
  let lines = 0;
  const read = async () => {
    for await (const some of readImportLines(body, 'csv', COLUMNS)) lines += some.length;
  };
  await expect(read()).rejects.toMatchObject({ status: 413, code: 'TOO_MANY_LINES' });
  expect(lines).toBeLessThanOrEqual(MOST_LINES);
});
