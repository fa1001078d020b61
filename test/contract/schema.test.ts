/** The contract as it is committed: composed of what the subgraphs say, and no promise to clients broken. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { apiSchemaOf, composeSubgraphs } from '@numberyard/schema/composition';
import { readSupergraph } from '@numberyard/schema/sdl';
import { buildSchema, findBreakingChanges } from 'graphql';
import { expect, it } from 'vitest';

it('the supergraph is what the subgraphs compose to', () => {
  expect(readSupergraph()).toBe(composeSubgraphs().supergraph);
});

it('nothing clients were promised has gone or changed', () => {
  const released = readFileSync(fileURLToPath(import.meta.resolve('@numberyard/schema/released.graphql')), 'utf8');
  const broken = findBreakingChanges(buildSchema(released), apiSchemaOf(readSupergraph()));
  expect(broken, 'where it is meant: npm run compose -- --release').toEqual([]);
});
