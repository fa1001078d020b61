import { readOperation } from '@numberyard/schema/operations';
import { stripIgnoredCharacters } from 'graphql';
import type { Demo } from './demo/demo.js';
import type { Numberyard } from './numberyard.js';

/** One line, so that it can be pasted. */
const QUERY = stripIgnoredCharacters(readOperation('UsedNumbers'));

/** Printed as soon as the key is there, before anything that takes time: it is told once. */
export function keyNotice({ adminKey }: Numberyard, settings: { readonly adminKey?: string | undefined }): string {
  if (settings.adminKey) return '\nYour administrator key is the one in NUMBERYARD_ADMIN_KEY.';
  if (adminKey) {
    return `\nYour administrator key, shown this once and kept nowhere. Commands find it here:\n  export NUMBERYARD_KEY=${adminKey}`;
  }
  return '\nYour administrator key is the one the first start printed: export NUMBERYARD_KEY=…\n(Lost it? Start once with NUMBERYARD_ADMIN_KEY=<24 characters or more> to set another.)';
}

/** What a start prints in the end: where to look, and commands to paste. They hold no key, so that none ends in a shell's history. */
export function banner({ numberyard, demo }: { numberyard: Numberyard; demo: Demo | undefined }): string {
  const { url } = numberyard;
  const at = url === 'http://127.0.0.1:4000' ? '' : ` --url ${url.replace(/^http/, 'ws')}/graphql`;
  const lines = [
    '',
    'Numberyard is running.',
    `  GraphQL and explorer  ${url}/graphql`,
    `  Health                ${url}/health/ready`,
  ];
  if (demo) {
    const control = demo.simulators.join(',');
    lines.push(
      '',
      'Paste these into another terminal, in this folder, after the export of the key:',
      '',
      '  # numbers, each with its connection and that connection’s last sync',
      `  curl -s ${url}/graphql -H 'content-type: application/json' -H "authorization: Bearer $NUMBERYARD_KEY" \\`,
      `    -d '${JSON.stringify({ query: QUERY })}'`,
      '',
      '  # watch numbers enter and leave cooling',
      `  npm run watch -- cooling${at}`,
      '',
      `  # take a device offline; numbers of ${demo.shownSite.name} cool for one minute only`,
      `  npm run device -- offline ${demo.shownNumber} --control ${control}`,
      '',
      ...demo.audits
        .slice(0, 1)
        .flatMap(({ customer, run }) => [
          `  # what an audit of ${customer} found; it was a dry run, the README says how to apply it`,
          `  curl -s -H "authorization: Bearer $NUMBERYARD_KEY" '${url}/export/audit-findings.csv?run=${run}'`,
          '',
        ]),
      'Syncs run every minute. Meanwhile other devices come and go by themselves.',
    );
  }
  lines.push('', 'Ctrl-C stops it.');
  return lines.join('\n');
}
