/** Every setting of Numberyard; `docs/settings.md` is made of this table. */
import { key32, oneOf, text, wholeNumber, yesOrNo, type Setting } from '@numberyard/kit/config/settings';
import { LEAST_SECRET_LENGTH } from '@numberyard/kit/service/signature';
import { checkNetwork } from '@numberyard/connections/arm/address-policy';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

function list(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

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

function origins(value: string): string[] {
  const given = list(value);
  // What a browser sends has no path and no default port; anything else would never match it.
  const isOrigin = (origin: string) => URL.canParse(origin) && new URL(origin).origin === origin;
  if (!given.every(isOrigin)) throw new Error('must be web origins (https://app.example.com) separated by commas');
  return given;
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

function signingSecret(value: string): string {
  if (value.length < LEAST_SECRET_LENGTH) throw new Error(`must have at least ${LEAST_SECRET_LENGTH} characters`);
  return value;
}

function serviceUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const fit = url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!fit) throw new Error('must be an address like http://host:4001, without user and password');
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
  host: {
    name: 'NUMBERYARD_HOST',
    description: 'Address to listen at; `0.0.0.0` for all.',
    fallback: '127.0.0.1',
    parse: text,
  },
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
  logLevel: {
    name: 'LOG_LEVEL',
    description: 'Least level that is logged.',
    fallback: 'info',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  },
  mode: {
    name: 'NUMBERYARD_MODE',
    description: '`development` shows the messages of unexpected errors to clients; `production` shows the request id.',
    fallback: 'production',
    parse: oneOf('production', 'development'),
  },
  corsOrigins: {
    name: 'NUMBERYARD_CORS_ORIGINS',
    description: 'Web origins that may call from a browser, separated by commas; none by default.',
    fallback: '',
    parse: origins,
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
  signingSecret: {
    name: 'NUMBERYARD_SIGNING_SECRET',
    description:
      'Secret by which subgraphs and gateway know each other when each is a process of its own, at least 32 characters; the same for all of them. The single process needs none.',
    secret: true,
    parse: signingSecret,
  },
  connectionsUrl: {
    name: 'NUMBERYARD_CONNECTIONS_URL',
    description:
      'Where a subgraph in a process of its own, and the gateway, find connections; the path does not count.',
    fallback: 'http://127.0.0.1:4001',
    parse: serviceUrl,
  },
  numberInventoryUrl: {
    name: 'NUMBERYARD_NUMBER_INVENTORY_URL',
    description: 'The same for number-inventory.',
    fallback: 'http://127.0.0.1:4002',
    parse: serviceUrl,
  },
  provisioningUrl: {
    name: 'NUMBERYARD_PROVISIONING_URL',
    description: 'The same for provisioning, which only the gateway asks.',
    fallback: 'http://127.0.0.1:4003',
    parse: serviceUrl,
  },
  auditUrl: {
    name: 'NUMBERYARD_AUDIT_URL',
    description: 'The same for audit, which only the gateway asks.',
    fallback: 'http://127.0.0.1:4004',
    parse: serviceUrl,
  },
  clientKey: {
    name: 'NUMBERYARD_KEY',
    description: 'API key that `npm run watch` uses; the server ignores it.',
    secret: true,
    parse: text,
  },
} as const satisfies Record<string, Setting<unknown>>;
