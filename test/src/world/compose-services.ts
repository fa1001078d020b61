/** The services of docker-compose.yml on this machine: the very same programs, arguments and settings, but for hosts and ports. */
import { randomBytes } from 'node:crypto';
import { composeProcess, readComposeFile, root, type ComposeProcess } from '../compose/compose-file.js';
import type { ServiceSetup } from './service-process.js';

/** In the order of docker-compose.yml. */
export const SUBGRAPHS = ['connections', 'number-inventory', 'provisioning', 'audit'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];
export type ServiceName = SubgraphName | 'gateway';

export interface Place {
  /** Connection string; the one in the file names a server that is not here. */
  readonly mongodbUri: string;
  /** Where the others find each subgraph. */
  readonly ports: Readonly<Record<SubgraphName, number>>;
}

/** What an operator writes into `.env`. */
export function operatorSettings(adminKey: string): Readonly<Record<string, string>> {
  const secret = () => randomBytes(32).toString('hex');
  return {
    MONGODB_ADMIN_PASSWORD: secret(),
    MONGODB_PASSWORD: secret(),
    NUMBERYARD_SIGNING_SECRET: secret(),
    NUMBERYARD_ENCRYPTION_KEY: secret(),
    NUMBERYARD_ADMIN_KEY: adminKey,
  };
}

/** A service of the file. @param settings the values of `.env` */
export function serviceOf(name: ServiceName, settings: Readonly<Record<string, string>>): ComposeProcess {
  const service = readComposeFile().services[name];
  if (!service) throw new Error(`docker-compose.yml has no service ${name}`);
  return composeProcess(service, settings);
}

/**
 * One replica of it, here.
 * @param port it is to listen at
 */
export function setupOf(
  service: ComposeProcess,
  { mongodbUri, ports }: Place,
  port: number,
): Pick<ServiceSetup, 'command' | 'environment' | 'workingFolder' | 'port'> {
  const address = new RegExp(`^http://(${SUBGRAPHS.join('|')}):\\d+`);
  const [, ...command] = service.command;
  const flag = command.indexOf('--port');
  if (flag >= 0) command[flag + 1] = String(port);
  const environment = Object.fromEntries(
    Object.entries(service.environment).map(([name, value]) => [
      name,
      value.replace(address, (_, other: SubgraphName) => `http://127.0.0.1:${ports[other]}`),
    ]),
  );
  return {
    command,
    port,
    workingFolder: root,
    environment: {
      ...environment,
      PORT: String(port),
      NUMBERYARD_HOST: '127.0.0.1',
      ...(environment['MONGODB_URI'] && { MONGODB_URI: mongodbUri }),
    },
  };
}
