/** What a supergraph says of its subgraphs. */
import { Kind, parse } from 'graphql';
import type { ConstDirectiveNode } from 'graphql';

export interface JoinedGraph {
  readonly name: string;
  /** Empty when the supergraph gives none. */
  readonly url: string;
}

/**
 * The subgraphs a supergraph joins, out of the directive `@join__graph(name:, url:)` of its enum `join__Graph`.
 * @throws Error when the text is no supergraph
 */
export function joinedGraphs(supergraphSdl: string): readonly JoinedGraph[] {
  const definition = parse(supergraphSdl, { noLocation: true }).definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  if (definition?.kind !== Kind.ENUM_TYPE_DEFINITION) throw new Error('It is no supergraph: it joins no subgraphs.');
  return (definition.values ?? []).map(({ name, directives }) => {
    const join = directives?.find((directive) => directive.name.value === 'join__graph');
    return { name: textOf(join, 'name') || name.value.toLowerCase(), url: textOf(join, 'url') };
  });
}

function textOf(directive: ConstDirectiveNode | undefined, argument: string): string {
  const value = directive?.arguments?.find(({ name }) => name.value === argument)?.value;
  return value?.kind === Kind.STRING ? value.value : '';
}
