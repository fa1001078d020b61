import fc from 'fast-check';
import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { codecOf, decodeNames, encodeNames, storedPath } from '../../../src/storage/mongo/documents.js';

const { BSON } = mongo;
const codec = codecOf({
  keys: { serial: { paths: ['serial'], unique: true }, place: { paths: ['tags', 'place.room', 'serial'] } },
});

/** As the server would give it back. */
function stored(doc: Record<string, unknown>): Record<string, unknown> {
  const { version: _, ...fields } = doc;
  const encoded = codec.encode(JSON.parse(JSON.stringify(fields)) as Record<string, unknown>, 3);
  return BSON.deserialize(BSON.serialize(encoded), { promoteValues: true });
}

describe('a stored document', () => {
  it('has its fields under their names, its id as _id and its version', () => {
    expect(stored({ id: 'a', serial: 's1', tags: ['x'], place: { room: 'r', floor: 2 } })).toEqual({
      _id: 'a',
      version: 3,
      serial: 's1',
      tags: ['x'],
      place: { room: 'r', floor: 2 },
    });
  });

  it('lacks the paths of its keys that are null or an empty array, and gets them back', () => {
    const doc = { id: 'a', serial: null, tags: [], place: { room: null, floor: null }, note: null, list: [] };
    const kept = stored(doc);
    expect(Object.keys(kept)).not.toContain('serial');
    expect(Object.keys(kept)).not.toContain('tags');
    expect(kept['place']).toEqual({ floor: null });
    expect(kept).toMatchObject({ note: null, list: [] });
    expect(codec.decode(kept)).toEqual({ ...doc, version: 3 });
  });

  it.each([
    ['a dollar', { $where: 1 }],
    ['a dot', { 'a.b': { 'c.d': 1 } }],
    ['a percent sign', { '%24': 1, '%': 2, '%null': ['serial'], '%none': 3 }],
    ['the name of the identity', { _id: 5, nested: { _id: 6 } }],
    ['a NUL', { 'a\u0000b': 1 }],
    ['nothing', { '': 1 }],
    ['a name objects have by birth', JSON.parse('{"__proto__":{"x":1},"constructor":2}') as object],
    ['such names within arrays', { list: [[{ $a: 1 }], 'x', { 'b.c': null }] }],
  ])('comes back as it was with field names that hold %s', (_, fields) => {
    const doc = { id: 'a', ...fields };
    for (const [name, value] of Object.entries(fields)) {
      if (name === '__proto__') Object.defineProperty(doc, name, { value, enumerable: true });
    }
    expect(JSON.parse(JSON.stringify(codec.decode(stored(doc))))).toEqual(
      JSON.parse(JSON.stringify({ ...doc, version: 3 })),
    );
  });

  it('comes back equal whatever JSON it was', () => {
    const name = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('$a', 'b.c', '%41', '_id', 'serial', 'tags', 'place'),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 6 }), (fields) => {
        const doc: unknown = JSON.parse(JSON.stringify({ ...fields, id: 'a', version: undefined }));
        const back = codec.decode(stored(doc as Record<string, unknown>));
        expect(back).toEqual({ ...(doc as object), version: 3 });
      }),
      { numRuns: 500 },
    );
  });

  it('is not copied where nothing has to be renamed', () => {
    const value = { a: [{ b: 1 }, 'x'], c: { d: null } };
    expect(encodeNames(value)).toBe(value);
    expect(decodeNames(value)).toBe(value);
  });

  it('is found at the paths its fields have there', () => {
    expect(['id', 'place.room', 'a$.b%'].map(storedPath)).toEqual(['_id', 'place.room', 'a%24.b%25']);
  });
});
