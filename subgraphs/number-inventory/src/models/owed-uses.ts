/**
 * Customers whose numbers lack uses that their owners know of, because they were left alone; one document for each, its id is the customer's. It goes once the
 * uses have been taken from the owners' listings.
 */
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { Doc } from '@numberyard/kit/storage/port';
import { Schema } from 'mongoose';

export interface OwedUsesDoc extends Doc {
  /** 1 when they are to be taken now; absent until something changes that lets them be, as a site for the numbers of a code. */
  readonly due?: 1;
  /** Whether numbers that look Available may be in use, so that none is handed out before. */
  readonly unsure?: boolean;
}

export const owedUses = defineCollection<OwedUsesDoc>({
  name: 'owedUses',
  schema: new Schema({ due: Number, unsure: Boolean }),
  keys: { byDue: { paths: ['due'] } },
});
