/** Every operation that is saved for clients can be sent as it is. */
import { apiSchemaOf } from '@numberyard/schema/composition';
import { readOperation, savedOperations } from '@numberyard/schema/operations';
import { readSupergraph } from '@numberyard/schema/sdl';
import { Kind, parse, specifiedRules, UniqueFragmentNamesRule, UniqueOperationNamesRule, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

const schema = apiSchemaOf(readSupergraph());
const saved = savedOperations();
const names = saved.definitions.flatMap((definition) =>
  definition.kind === Kind.OPERATION_DEFINITION ? [definition.name?.value ?? ''] : [],
);

it('operations and fragments have names, and no two the same', () => {
  expect(names).not.toContain('');
  expect(validate(schema, saved, [UniqueOperationNamesRule, UniqueFragmentNamesRule])).toEqual([]);
});

describe('the saved operation', () => {
  it.each(names)('%s is valid, with what it needs and nothing unused', (name) => {
    expect(validate(schema, parse(readOperation(name)), specifiedRules)).toEqual([]);
  });
});

it('no fragment is left over', () => {
  const fragments = saved.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).length;
  const used = new Set(names.flatMap((name) => readOperation(name).match(/^fragment \w+/gm) ?? []));
  expect(used.size).toBe(fragments);
});

it('every mutation asks why it changed nothing', () => {
  for (const name of names) {
    const text = readOperation(name);
    if (text.startsWith('mutation')) expect(text, name).toContain('userErrors');
  }
});

it('every stream asks for the cursor to go on from, and takes one', () => {
  for (const name of names) {
    const text = readOperation(name);
    if (text.startsWith('subscription')) expect(text, name).toMatch(/\$after: String[^]*\bcursor\b/);
  }
});

it('an operation nobody saved is refused by name', () => {
  expect(() => readOperation('Nonsense')).toThrow('Nonsense');
});
