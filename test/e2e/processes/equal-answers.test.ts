/** Nothing a user can see differs: the same life in one process on the embedded engine and in many on MongoDB, told in every saved operation. */
import { isDeepStrictEqual } from 'node:util';
import { savedOperations } from '@numberyard/schema/operations';
import { Kind } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tellLife } from '../../src/life/life.js';
import type { Told } from '../../src/life/narrator.js';
import { openProcessWorld } from '../../src/world/process-world.js';
import { openSingleProcess } from '../../src/world/single-process.js';
import type { World } from '../../src/world/world.js';

const worlds: World[] = [];
let alone: readonly Told[];
let together: readonly Told[];

beforeAll(async () => {
  worlds.push(await openSingleProcess());
  worlds.push(await openProcessWorld());
  [alone = [], together = []] = await Promise.all(worlds.map(tellLife));
});

afterAll(async () => {
  await Promise.all(worlds.map((world) => world.close()));
});

it('has every saved operation answered', () => {
  const names = savedOperations().definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [definition.name?.value] : [],
  );
  expect(new Set(alone.map(({ operation }) => operation))).toEqual(new Set(names));
});

it('answers each with equal JSON on both engines', () => {
  expect(together.map(({ operation }) => operation)).toEqual(alone.map(({ operation }) => operation));
  const different = alone.flatMap(({ operation, answer }, index) =>
    isDeepStrictEqual(answer, together[index]?.answer)
      ? []
      : [{ index, operation, alone: answer, together: together[index]?.answer }],
  );
  expect(different).toEqual([]);
});
