/** The settings that say where an installation is. */
import { readSettings, type Settings, SettingsError } from '@numberyard/kit/config/settings';
import { fail } from '../process.js';
import { settingsTable } from '../settings.js';

const { data, mongodbUri, encryptionKey } = settingsTable;
const table = { data, mongodbUri, encryptionKey };

export type CopySettings = Settings<typeof table>;

/** Read them; ends the process with exit code 2 when they do not fit. */
export function readCopySettings(): CopySettings {
  try {
    return readSettings(table, process.env);
  } catch (error) {
    if (error instanceof SettingsError) return fail(error.message, 2);
    throw error;
  }
}
