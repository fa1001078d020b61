/**
 * Composes the supergraph out of the subgraphs' SDL and writes it. With `--check` only says whether the committed one is still true;
 * with `--release` also writes down what clients see as what they were promised.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printSchema } from 'graphql';
import { apiSchemaOf, composeSubgraphs } from './composition.js';
import { readSupergraph } from './sdl.js';

const path = (name: string) => fileURLToPath(new URL(`../${name}.graphql`, import.meta.url));

try {
  const { supergraph, hints } = composeSubgraphs();
  for (const hint of hints) console.log(`hint ${hint}`);
  if (process.argv.includes('--check')) {
    if (readSupergraph() !== supergraph) {
      throw new Error(
        'schema/supergraph.graphql is not what the subgraphs compose to: run `npm run compose` and commit it.',
      );
    }
  } else writeFileSync(path('supergraph'), supergraph);
  if (process.argv.includes('--release')) {
    writeFileSync(path('released'), `${printSchema(apiSchemaOf(supergraph))}\n`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
