/** API keys. Of the key itself only a hash is kept: it has 160 random bits, so that nothing slower than SHA-256 is needed. */
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { Doc } from '@numberyard/kit/storage/port';
import type { Right, Role } from '@numberyard/schema/rights';
import { Schema } from 'mongoose';

export interface ApiKeyDoc extends Doc {
  /** SHA-256 of the key, base64url. */
  readonly hash: string;
  readonly label: string;
  readonly role: Role;
  readonly rights: readonly Right[];
  /** The node its caller belongs to, that node's path and the ids on it. */
  readonly node: string;
  readonly path: string;
  readonly nodes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
}

const text = { type: String, required: true };

export const apiKeys = defineCollection<ApiKeyDoc>({
  name: 'apiKeys',
  schema: new Schema({
    hash: text,
    label: text,
    role: text,
    rights: [String],
    node: text,
    path: text,
    nodes: [String],
    createdAt: text,
    expiresAt: String,
    revokedAt: String,
  }),
  keys: {
    byHash: { paths: ['hash'], unique: true },
    byCreation: { paths: ['nodes', 'createdAt'] },
  },
});
