/** Operations the tests send, with every field they look at. */
export const UPDATE = `mutation($input: UpdateAudioCodesConnectionInput!) {
  updateAudioCodesConnection(input: $input) {
    connection {
      name routingManager username authenticationMethod tlsVerify pinnedCertificate reachability { state error }
      dataSyncs { name } schedule { name }
    }
    syncRun { id trigger } userErrors { code message field }
  }
}`;

export const TEST = `mutation($id: ID!) {
  testAudioCodesConnection(input: { id: $id }) {
    connection { id pinnedCertificate reachability { state error checkedAt } }
    durationMs sbcCount registeredUserCount userErrors { code message field }
  }
}`;

export const DELETE = `mutation($id: ID!) {
  deleteAudioCodesConnection(input: { id: $id }) { syncRun { id state kind trigger } userErrors { code message field } }
}`;

export const CANCEL = `mutation($id: ID!) {
  cancelSyncRun(input: { id: $id }) { syncRun { id state } userErrors { code message field } }
}`;

export const UPDATE_DATA_SYNC = `mutation($input: UpdateDataSyncInput!) {
  updateDataSync(input: $input) {
    dataSync { name enabled operations allowEmpty filter { attribute operator values } } userErrors { code message field }
  }
}`;

export const UPDATE_SCHEDULE = `mutation($input: UpdateScheduleInput!) {
  updateSchedule(input: $input) {
    schedule { name cron timeZone enabled nextRunAt lastRunAt } userErrors { code message field }
  }
}`;
