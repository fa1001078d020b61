/** What can use a number and is no registered user: its kinds, by the status table ("Number Status and Usage"), and what is kept of one. */
import type { Doc, Instant } from '@numberyard/kit/storage/port';

export interface ServiceKindRow {
  /** In words, as findings name it. */
  readonly title: string;
  /** The model it is in the documents. */
  readonly model: string;
  readonly status: 'USED' | 'USED_UTILITY';
  readonly usage: string;
  /** Null: the default vendor; `OWN`: that of the thing itself. */
  readonly vendor: 'Microsoft' | 'Webex Calling' | 'OWN' | null;
  /** Whether it has a MAC; null: never. */
  readonly mac: 'REQUIRED' | 'ALLOWED' | null;
}

const row = (
  title: string,
  model: string,
  status: ServiceKindRow['status'],
  usage: string,
  more: Partial<Pick<ServiceKindRow, 'vendor' | 'mac'>> = {},
): ServiceKindRow => ({ title, model, status, usage, vendor: null, mac: null, ...more });

export const SERVICE_KINDS = {
  PHONE: row('phone', 'device/cucm/Phone', 'USED', 'DEVICE', { mac: 'REQUIRED' }),
  DEVICE_PROFILE: row('device profile', 'device/cucm/DeviceProfile', 'USED', 'DEVICE'),
  REMOTE_DESTINATION_PROFILE: row(
    'remote destination profile',
    'device/cucm/RemoteDestinationProfile',
    'USED',
    'DEVICE',
  ),
  HUNT_PILOT: row('hunt pilot', 'device/cucm/HuntPilot', 'USED_UTILITY', 'HUNT_PILOT'),
  PICKUP_GROUP_PILOT: row('pickup group pilot', 'device/cucm/CallPickupGroup', 'USED_UTILITY', 'PICKUP_GROUP_PILOT'),
  CALL_HANDLER: row('system call handler', 'device/cuc/Callhandler', 'USED_UTILITY', 'CALL_HANDLER_PILOT'),
  VOICEMAIL_PILOT: row('voicemail pilot', 'device/cucm/VoicemailPilot', 'USED_UTILITY', 'VOICEMAIL_PILOT'),
  MEET_ME: row('Meet-Me', 'device/cucm/MeetMe', 'USED_UTILITY', 'MEET_ME'),
  CTI_ROUTE_POINT: row('CTI route point', 'device/cucm/CtiRoutePoint', 'USED_UTILITY', 'CTI_ROUTE_POINT'),
  CALL_PARK: row('call park', 'device/cucm/CallPark', 'USED_UTILITY', 'CALL_PARK'),
  DIRECTED_CALL_PARK: row('directed call park', 'device/cucm/DirectedCallPark', 'USED_UTILITY', 'DIRECTED_CALL_PARK'),
  MULTI_VENDOR_PHONE: row('VOSS Phone', 'data/PRS_MultiVendorPhone_DAT', 'USED_UTILITY', 'VOSS_PHONE', {
    vendor: 'OWN',
    mac: 'ALLOWED',
  }),
  TEAMS_USER: row('MS Teams line URI', 'device/msteamsonline/CsOnlineUser', 'USED', 'USER', { vendor: 'Microsoft' }),
  WEBEX_USER: row('Webex user', 'device/spark/Number', 'USED', 'USER', { vendor: 'Webex Calling' }),
} as const satisfies Readonly<Record<string, ServiceKindRow>>;

export type ServiceKind = keyof typeof SERVICE_KINDS;

/** One line of a device, or another service. */
export interface NumberService extends Doc {
  readonly customer: string;
  /** The customer or site it belongs to. */
  readonly node: string;
  readonly path: string;
  readonly ancestors: readonly string[];
  readonly kind: ServiceKind;
  readonly name: string;
  /** From 1. */
  readonly line: number;
  readonly number: string;
  /** Empty: none. Both are part of keys, which hold no nothing. */
  readonly cluster: string;
  readonly partition: string;
  /** Twelve hexadecimal digits in upper case. */
  readonly mac?: string;
  /** Of a kind whose vendor is its own. */
  readonly vendor?: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}
