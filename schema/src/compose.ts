/** Composes the supergraph out of the subgraphs' SDL: writes it, or with `--check` says whether the committed one is still true. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { readSubgraphSdl, subgraphNames } from './sdl.js';

// A subgraph lists only the refusal codes it answers with; the supergraph's enum is their union, which is what is wanted.
const expectedHint = 'INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM';

const target = fileURLToPath(new URL('../supergraph.graphql', import.meta.url));

const result = composeServices(
  // Whoever runs the gateway says where the subgraphs are; the addresses here are never dialled.
  subgraphNames.map((name) => ({
    name,
    url: `http://${name}.invalid/graphql`,
    typeDefs: parse(readSubgraphSdl(name)),
  })),
);

if (result.errors) {
  for (const error of result.errors) console.error(`composition: ${error.message}`);
  process.exitCode = 1;
} else {
  const hints = result.hints.filter((hint) => hint.definition.code !== expectedHint);
  console.log(`${hints.length} hints (and ${result.hints.length - hints.length} expected ones: ${expectedHint})`);
  for (const hint of hints) console.log(`hint ${hint.definition.code}: ${hint.message}`);
  const composed = `${result.supergraphSdl.trimEnd()}\n`;
  if (!process.argv.includes('--check')) writeFileSync(target, composed);
  else if (readCommitted() !== composed) {
    console.error(
      'schema/supergraph.graphql is not what the subgraphs compose to: run `npm run compose` and commit it.',
    );
    process.exitCode = 1;
  }
}

function readCommitted(): string | undefined {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return undefined;
  }
}
