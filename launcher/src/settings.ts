/** Every setting of Numberyard; `docs/settings.md` is made of this table. */
import { httpUrl, list, serverSettings } from '@numberyard/kit/config/server-settings';
import { key32, text, wholeNumber, yesOrNo, type Setting } from '@numberyard/kit/config/settings';
import { gatewaySettings } from '@numberyard/gateway/settings';
import { checkNetwork } from '@numberyard/connections/arm/address-policy';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

function networks(value: string): string[] {
  const blocks = list(value);
  for (const block of blocks) {
    try {
      checkNetwork(block);
    } catch {
      throw new Error('must be CIDR blocks (10.0.0.0/8) separated by commas');
    }
  }
  return blocks;
}

function certificates(path: string): string {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch {
    throw new Error('must be a file that can be read');
  }
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch {
    blocks.length = 0;
  }
  if (blocks.length === 0) throw new Error('must be a PEM file of certificates');
  return pem;
}

function adminKey(value: string): string {
  if (!/^[\x21-\x7e]{24,200}$/.test(value)) throw new Error('must be 24 to 200 printable characters without spaces');
  return value;
}

function mongodbUri(value: string): string {
  if (!/^mongodb(\+srv)?:\/\/./.test(value)) throw new Error('must begin with mongodb:// or mongodb+srv://');
  return value;
}

export const settingsTable = {
  port: {
    name: 'PORT',
    description:
      'Port of GraphQL, explorer and health; 0 takes a free one. A subgraph in a process of its own listens at 4001 (connections), 4002 (number-inventory), 4003 (provisioning) or 4004 (audit) by default.',
    fallback: '4000',
    parse: wholeNumber(0, 65_535),
  },
  ...serverSettings,
  data: {
    name: 'NUMBERYARD_DATA',
    description: 'Folder of the embedded engine: one database per subgraph, and the encryption key when none is given.',
    fallback: './data',
    parse: text,
  },
  mongodbUri: {
    name: 'MONGODB_URI',
    description:
      'Where the databases are: a MongoDB replica set instead of the folder. One database per subgraph, their names beginning with the path of the URI, or with `numberyard` without one.',
    // It may carry a password.
    secret: true,
    parse: mongodbUri,
  },
  adminKey: {
    name: 'NUMBERYARD_ADMIN_KEY',
    description: 'Administrator key to use instead of a made one, 24 to 200 printable characters.',
    secret: true,
    parse: adminKey,
  },
  encryptionKey: {
    name: 'NUMBERYARD_ENCRYPTION_KEY',
    description:
      'Key that seals stored credentials: 32 bytes as hexadecimal or base64. Without it one is made and kept in the data folder, mode 0600; with `MONGODB_URI` it has to be given, the same to all replicas.',
    secret: true,
    parse: key32,
  },
  provider: {
    name: 'NUMBERYARD_PROVIDER',
    description: 'Name of the provider node that the first start makes.',
    fallback: 'Provider',
    parse: text,
  },
  allowLoopback: {
    name: 'NUMBERYARD_ALLOW_LOOPBACK',
    description: 'Whether routing managers may be on this machine; on in the demo, whose routing managers are.',
    fallback: 'false',
    parse: yesOrNo,
  },
  allowedNetworks: {
    name: 'NUMBERYARD_ALLOWED_NETWORKS',
    description:
      'Networks routing managers may be in, CIDR, separated by commas; by default all but link-local, multicast and unspecified ones.',
    parse: networks,
  },
  allowPlainHttp: {
    name: 'NUMBERYARD_ALLOW_PLAIN_HTTP',
    description:
      'Whether a routing manager that speaks no TLS is called over HTTP, which shows the credentials to whoever listens; on in the demo.',
    fallback: 'false',
    parse: yesOrNo,
  },
  certificateAuthorities: {
    name: 'NUMBERYARD_CA_FILE',
    description: "PEM file with the authorities that sign routing managers' certificates, beside the well-known ones.",
    parse: certificates,
  },
  keepDays: {
    name: 'NUMBERYARD_KEEP_PASSING_DAYS',
    description: 'Days that passing events (progress, reachability) are kept; the history of numbers is kept for ever.',
    fallback: '30',
    parse: wholeNumber(1, 3_650),
  },
  connectionsUrl: {
    name: 'NUMBERYARD_CONNECTIONS_URL',
    description: 'Where a subgraph in a process of its own, and the gateway, find connections.',
    fallback: 'http://127.0.0.1:4001',
    parse: httpUrl,
  },
  numberInventoryUrl: {
    name: 'NUMBERYARD_NUMBER_INVENTORY_URL',
    description: 'The same for number-inventory.',
    fallback: 'http://127.0.0.1:4002',
    parse: httpUrl,
  },
  provisioningUrl: {
    name: 'NUMBERYARD_PROVISIONING_URL',
    description: 'The same for provisioning, which only the gateway asks.',
    fallback: 'http://127.0.0.1:4003',
    parse: httpUrl,
  },
  auditUrl: {
    name: 'NUMBERYARD_AUDIT_URL',
    description: 'The same for audit, which only the gateway asks.',
    fallback: 'http://127.0.0.1:4004',
    parse: httpUrl,
  },
  // Of the gateway as a process of its own: known here, so that all processes can be given one environment.
  supergraph: gatewaySettings.supergraph,
  keyEndpoint: gatewaySettings.keyEndpoint,
  routes: gatewaySettings.routes,
  clientKey: {
    name: 'NUMBERYARD_KEY',
    description: 'API key that `npm run watch` uses; the server ignores it.',
    secret: true,
    parse: text,
  },
} as const satisfies Record<string, Setting<unknown>>;
