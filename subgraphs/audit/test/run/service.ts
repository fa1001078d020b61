import type { NumberService } from '../../src/domain/number-service.js';

/** A service of the customer `acme` or of one of its sites. */
export function service(id: string, number: string, more: Partial<NumberService> = {}): NumberService {
  const node = more.node ?? 'acme';
  const ancestors = node === 'acme' ? ['p', 'acme'] : ['p', 'acme', node];
  return {
    id,
    version: 0,
    customer: 'acme',
    node,
    path: ancestors.join('.'),
    ancestors,
    kind: 'HUNT_PILOT',
    name: id,
    line: 1,
    number,
    cluster: '',
    partition: '',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...more,
  };
}
