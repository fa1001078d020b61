/** The saved client operations: what the demo, the terminal programs and a user interface send, held to the schema by tests. */
import { readFileSync, readdirSync } from 'node:fs';
import { parse, print, separateOperations, type DocumentNode } from 'graphql';

const folder = new URL('../operations/', import.meta.url);

/** All of them with their fragments, as one document. */
export function savedOperations(): DocumentNode {
  const files = readdirSync(folder).filter((file) => file.endsWith('.graphql'));
  return parse(files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n'));
}

let separated: Readonly<Record<string, DocumentNode>> | undefined;

/**
 * One of them with the fragments it needs, ready to be sent.
 * @throws Error when there is none of that name
 */
export function readOperation(name: string): string {
  separated ??= separateOperations(savedOperations());
  const document = separated[name];
  if (!document) throw new Error(`There is no saved operation ${name}.`);
  return print(document);
}
