/** What a service is for the number it uses. */
import type { ListedService } from '@numberyard/schema/internal';
import { SERVICE_KINDS, type NumberService, type ServiceKindRow } from './number-service.js';

export interface ServiceUse extends ListedService {
  /** What uses the number, in words, e.g. `phone SEP001122334455 line 1 (cluster east)`. */
  readonly usedBy: string;
}

/** By the status table ("Number Status and Usage"): a kind's usage, and its vendor where it has one of its own. */
export function useOf(service: NumberService): ServiceUse {
  const row = SERVICE_KINDS[service.kind];
  return {
    ref: service.id,
    usage: row.usage,
    vendor: row.vendor === 'OWN' ? (service.vendor ?? null) : row.vendor,
    node: service.node,
    usedBy: inWords(service, row),
  };
}

function inWords({ name, line, cluster, partition }: NumberService, row: ServiceKindRow): string {
  const isDevice = row.mac !== null || row.usage === 'DEVICE';
  const where = [...(cluster ? [`cluster ${cluster}`] : []), ...(partition ? [`partition ${partition}`] : [])];
  return [
    `${row.title} ${name}`,
    ...(isDevice || line > 1 ? [`line ${line}`] : []),
    ...(where.length > 0 ? [`(${where.join(', ')})`] : []),
  ].join(' ');
}
