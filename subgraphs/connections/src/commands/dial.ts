import type { RoutingManagerClient, RoutingManagerTarget } from '../arm/client.js';
import { passwordPlace, type AudioCodesConnection } from '../domain/connection.js';
import type { CommandContext } from './context.js';

/** Makes a client of a Routing Manager; nothing is dialled yet. */
export type Dial = (target: RoutingManagerTarget) => RoutingManagerClient;

/**
 * A client for a connection, with its password opened for no other purpose.
 * @param requestId told to the Routing Manager with every call
 * @throws SecretBoxError, RoutingManagerError
 */
export function dialConnection(
  { dial, secretBox }: Pick<CommandContext, 'dial' | 'secretBox'>,
  connection: AudioCodesConnection,
  requestId?: string,
): RoutingManagerClient {
  return dial({
    address: connection.routingManager,
    username: connection.username,
    password: secretBox.open(connection.sealedPassword, passwordPlace(connection.id)),
    authenticationMethod: connection.authenticationMethod,
    tlsVerify: connection.tlsVerify,
    pinnedCertificate: connection.pinnedCertificate,
    requestId,
  });
}
