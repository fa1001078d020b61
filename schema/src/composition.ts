/** The subgraphs' SDL made one graph. */
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { parse, type GraphQLSchema } from 'graphql';
import { subgraphPorts } from './ports.js';
import { readSubgraphSdl, subgraphNames } from './sdl.js';

// A subgraph lists only the refusal codes it answers with; the supergraph's enum is their union, which is what is wanted.
const EXPECTED_HINT = 'INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM';

export interface Composition {
  /** SDL of the supergraph. */
  readonly supergraph: string;
  /** What the composition finds odd, but for the expected. */
  readonly hints: readonly string[];
}

/** @throws Error with a line for everything that does not compose */
export function composeSubgraphs(): Composition {
  const { errors, hints, supergraphSdl } = composeServices(
    // Good for one machine; whoever runs the gateway elsewhere says where the subgraphs are.
    subgraphNames.map((name) => ({
      name,
      url: `http://localhost:${subgraphPorts[name]}/graphql`,
      typeDefs: parse(readSubgraphSdl(name)),
    })),
  );
  if (errors) throw new Error(errors.map((error) => `composition: ${error.message}`).join('\n'));
  return {
    supergraph: `${supergraphSdl.trimEnd()}\n`,
    hints: hints
      .filter((hint) => hint.definition.code !== EXPECTED_HINT)
      .map((hint) => `${hint.definition.code}: ${hint.message}`),
  };
}

/** What clients see of a supergraph. */
export function apiSchemaOf(supergraph: string): GraphQLSchema {
  return Supergraph.build(supergraph).apiSchema().toGraphQLJSSchema();
}
