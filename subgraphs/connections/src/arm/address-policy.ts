/** Which addresses calls may go to. Decided on the address itself, after a name was resolved: a name proves nothing. */
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';

export interface AddressPolicy {
  /** Whether Routing Managers may be on this machine, as in the demo; off by default. Needs no place in `allowedNetworks`. */
  readonly allowLoopback?: boolean;
  /** CIDR blocks. Everything that is not refused for its kind, when left out. They never allow what is refused for its kind. */
  readonly allowedNetworks?: readonly string[];
  /** Where this server itself listens; refused on this machine even where loopback is allowed. */
  readonly ownPorts?: readonly number[];
  /** Addresses of this machine besides loopback; those of its network interfaces when left out. */
  readonly ownAddresses?: () => readonly string[];
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const NEVER: Readonly<Record<string, string>> = {
  unspecified: 'is no address of a host',
  broadcast: 'is a broadcast address',
  multicast: 'is a multicast address',
  linkLocal: 'is link-local',
  deprecatedSiteLocal: 'is of a network that exists no more',
  teredo: 'is of a tunnel',
  rfc6145: 'is of a translator',
  discard: 'is of a network that exists no more',
};

/** Where clouds tell a machine its secrets, besides the link-local one. */
const METADATA: readonly string[] = [
  'fd00:ec2::254',
  'fd20:ce::254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
];

/**
 * Why calls must not go to an address, as the end of a sentence; undefined when they may.
 * @param port that is called there; any when left out
 * @throws Error when a network of the policy is not one
 */
export function refusalOf(address: string, policy: AddressPolicy, port?: number): string | undefined {
  if (!ipaddr.isValid(address)) return 'is no address';
  const seen = hidden(ipaddr.process(address));
  const range = seen.range();
  const never = NEVER[range];
  if (never) return never;
  if (METADATA.some((metadata) => ipaddr.parse(metadata).toString() === seen.toString()))
    return 'is the metadata service of a cloud';
  if (range === 'loopback' || isOwn(seen, policy)) {
    if (!policy.allowLoopback) return 'is this machine itself';
    return port !== undefined && policy.ownPorts?.includes(port) ? 'is this server itself' : undefined;
  }
  const { allowedNetworks } = policy;
  if (allowedNetworks && !allowedNetworks.some((network) => contains(network, seen)))
    return 'is in none of the allowed networks';
  return undefined;
}

/** Throws for a text that is no CIDR block, so that a setting can be refused when the process starts. */
export function checkNetwork(network: string): void {
  ipaddr.parseCIDR(network);
}

function isOwn(address: Address, { ownAddresses = interfaceAddresses }: AddressPolicy): boolean {
  const own = address.toString();
  return ownAddresses().some((each) => ipaddr.isValid(each) && ipaddr.process(each).toString() === own);
}

/** Asked for anew each time, because addresses come and go. */
function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
}

function contains(network: string, address: Address): boolean {
  const [base, bits] = ipaddr.parseCIDR(network);
  return base.kind() === address.kind() && address.match(base, bits);
}

/** The IPv4 address inside an IPv6 one that a gateway or the system translates: the call ends there. */
function hidden(address: Address): Address {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const at = embeddedAt(bytes);
  return at === undefined ? address : ipaddr.fromByteArray(bytes.slice(at, at + 4));
}

function embeddedAt(bytes: readonly number[]): number | undefined {
  const begins = (...prefix: number[]) => prefix.every((byte, index) => bytes[index] === byte);
  if (begins(0x20, 0x02)) return 2; // 6to4
  if (begins(0x00, 0x64, 0xff, 0x9b)) return 12; // NAT64
  const compatible = bytes.slice(0, 12).every((byte) => byte === 0) && bytes.slice(12, 14).some((byte) => byte !== 0);
  return compatible ? 12 : undefined;
}
