/** What every story is told with: a key that is known, and routing managers on this machine. */
import { randomBytes } from 'node:crypto';

export function storyKey(): string {
  return `ny_${randomBytes(24).toString('base64url')}`;
}

/** Settings of whatever calls routing managers. */
export const STORY = {
  NUMBERYARD_ALLOW_LOOPBACK: 'true',
  NUMBERYARD_ALLOW_PLAIN_HTTP: 'true',
} as const;
