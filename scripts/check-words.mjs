/** kit and gateway are plumbing for any domain: they hold no word of telephony. Names count too, whatever their case: `coolingChanged`. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspaces.mjs';

const folders = ['kit/src', 'gateway/src'];

/** Whole words, also in the plural; "number" alone is a type of the language, so it counts only beside a telling neighbour. */
const words = [
  'audio ?codes',
  'call park',
  'cmms',
  'cooling',
  'device',
  'dial plan',
  'dial(?:led|ling)',
  'e ?164',
  'hunt',
  'inventory',
  'net ?sapiens',
  '(?:available|claimed?) number',
  'pbx',
  'phone',
  'porta ?billing',
  'registered user',
  'routing manager',
  'sbc',
  'sip',
  'telecom',
  'telephon[ey]',
  'usoc',
  'voice ?mail',
  'vo ?ip',
];
const telecom = new RegExp(`\\b(?:${words.join('|')})s?\\b`, 'i');

let found = 0;
for (const folder of folders) {
  for (const file of readdirSync(join(root, folder), { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const path = join(folder, file);
    const lines = [path, ...readFileSync(join(root, path), 'utf8').split('\n')];
    for (const [line, text] of lines.entries()) {
      const word = telecom.exec(apart(text))?.[0];
      if (!word) continue;
      found += 1;
      console.error(`${path}:${line} speaks of telephony: "${word}"`);
    }
  }
}
if (found > 0) process.exitCode = 1;

/** `numberInventory`, `NUMBER_INVENTORY` and `number-inventory` read as "number inventory". */
function apart(text) {
  return text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[-_]/g, ' ');
}
