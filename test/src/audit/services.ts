/** Services that use numbers, administered as a client does. */
import type { ApiClient } from '../world/client.js';

export interface ServiceInput {
  readonly node: string;
  readonly kind: string;
  readonly name: string;
  readonly number: string;
  readonly line?: number;
  readonly cluster?: string;
  readonly partition?: string;
  readonly mac?: string;
  readonly vendor?: string;
}

/** @returns its id */
export async function createService(client: ApiClient, input: ServiceInput): Promise<string> {
  const { numberService } = await client.change<{ numberService: { id: string } }>(
    `mutation($input: CreateNumberServiceInput!) {
      createNumberService(input: $input) { numberService { id } userErrors { code message field } } }`,
    { ...input },
  );
  return numberService.id;
}

export async function deleteServices(client: ApiClient, ids: readonly string[]): Promise<void> {
  await client.change(
    `mutation($input: DeleteNumberServicesInput!) {
      deleteNumberServices(input: $input) { deleted userErrors { code message field } } }`,
    { ids },
  );
}
