/**
 * The status table, as data: what each thing that can use a number makes of it ("Number Status and Usage"; the row of AudioCodes devices also in "AudioCodes
 * Device Number Integration"). What is shown of a number follows from it, see `status.ts`; where we do otherwise than the documents is listed below it.
 */
import type { Status, Usage } from './number.js';

export interface UseRow {
  /** What uses the number, and the model it is in the documents. */
  readonly usedBy: string;
  readonly model: string;
  readonly status: 'USED' | 'USED_UTILITY';
  readonly usage: Usage;
  /** Null: the default vendor; `OWN`: the vendor of the thing itself. */
  readonly vendor: 'Microsoft' | 'Webex Calling' | 'AudioCodes' | 'OWN' | null;
}

/** Numbers that something uses. */
export const USE_ROWS: readonly UseRow[] = [
  row('phone line', 'device/cucm/Phone', 'USED', 'DEVICE'),
  row('device profile line', 'device/cucm/DeviceProfile', 'USED', 'DEVICE'),
  row('remote destination profile line', 'device/cucm/RemoteDestinationProfile', 'USED', 'DEVICE'),
  row('hunt pilot', 'device/cucm/HuntPilot', 'USED_UTILITY', 'HUNT_PILOT'),
  row('pickup group pilot', 'device/cucm/CallPickupGroup', 'USED_UTILITY', 'PICKUP_GROUP_PILOT'),
  row('system call handler', 'device/cuc/Callhandler', 'USED_UTILITY', 'CALL_HANDLER_PILOT'),
  row('voicemail pilot', 'device/cucm/VoicemailPilot', 'USED_UTILITY', 'VOICEMAIL_PILOT'),
  row('Meet-Me', 'device/cucm/MeetMe', 'USED_UTILITY', 'MEET_ME'),
  row('CTI route point', 'device/cucm/CtiRoutePoint', 'USED_UTILITY', 'CTI_ROUTE_POINT'),
  row('call park', 'device/cucm/CallPark', 'USED_UTILITY', 'CALL_PARK'),
  row('directed call park', 'device/cucm/DirectedCallPark', 'USED_UTILITY', 'DIRECTED_CALL_PARK'),
  row('VOSS Phone', 'data/PRS_MultiVendorPhone_DAT', 'USED_UTILITY', 'VOSS_PHONE', 'OWN'),
  row('MS Teams line URI', 'device/msteamsonline/CsOnlineUser', 'USED', 'USER', 'Microsoft'),
  row('Webex user', 'device/spark/Number', 'USED', 'USER', 'Webex Calling'),
  row('AudioCodes device', 'device/audiocodes', 'USED', 'DEVICE', 'AudioCodes'),
];

/** Numbers that nothing uses. */
export const IDLE_ROWS: readonly { readonly state: string; readonly status: Exclude<Status, UseRow['status']> }[] = [
  { state: 'nothing', status: 'AVAILABLE' },
  { state: 'number in cooling', status: 'COOLING' },
  { state: 'number reserved', status: 'RESERVED' },
];

/** Where we do otherwise than the table, or say what it leaves open. */
export const DEVIATIONS = {
  noInactive: {
    document: 'A Webex number that is inactive: Inactive, usage blank.',
    here: 'There is no such status.',
    reason: 'It is for Webex Calling numbers only, which are not in the inventory.',
  },
  availableHasNoVendor: {
    document: 'A number nothing uses: vendor blank, Microsoft or Webex Calling.',
    here: 'Vendor blank.',
    reason: 'The vendor follows from what uses a number; kept, it would keep the number from whoever comes next.',
  },
  coolingKeepsVendor: {
    document: 'A number in cooling: vendor blank, Microsoft or Webex Calling.',
    here: 'The vendor of its last use, also AudioCodes.',
    reason: 'It tells which rule the number cools by and whose it was.',
  },
  reservedHasNoVendor: {
    document: 'A number reserved: vendor blank, Microsoft or Webex Calling.',
    here: 'Vendor blank.',
    reason: 'Only Available numbers are reserved, and those have none.',
  },
  usedWinsOverUtility: {
    document: 'Used by a phone and a hunt pilot, a number shows both usages; which status wins is not told.',
    here: 'Used.',
    reason: 'People and devices are called by it; nobody should take it for a utility.',
  },
  earliestVendorShows: {
    document: 'Nothing is told of a number with uses of several vendors.',
    here: 'The vendor of the earliest use.',
    reason: 'Who came later changes nothing silently: the conflict is told by the run that brought it.',
  },
  reservedWinsOverUsed: {
    document: 'Nothing is told of a reserved number that a device registers.',
    here: 'Reserved; Used once the reservation ends.',
    reason: "An operator's reservation is never overwritten by a machine.",
  },
} as const satisfies Readonly<Record<string, { document: string; here: string; reason: string }>>;

/** What each usage makes of a number: all rows of one usage agree. */
export const STATUS_BY_USAGE: ReadonlyMap<Usage, UseRow['status']> = new Map(
  USE_ROWS.map(({ usage, status }) => [usage, status]),
);

function row(
  usedBy: string,
  model: string,
  status: UseRow['status'],
  usage: Usage,
  vendor: UseRow['vendor'] = null,
): UseRow {
  return { usedBy, model, status, usage, vendor };
}
