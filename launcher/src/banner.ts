import type { Demo } from './demo/demo.js';
import type { Numberyard } from './numberyard.js';

const QUERY =
  '{ numbers(filter: {status: [USED]}, first: 3) { edges { node { number status vendor hierarchyNode { name } connection { name lastSyncRun { state finishedAt } } } } } }';

/** What a start prints: where to look, a key when there is a new one, and commands to paste. */
export function banner({ numberyard, demo }: { numberyard: Numberyard; demo: Demo | undefined }): string {
  const { url, adminKey } = numberyard;
  const key = adminKey ?? '$NUMBERYARD_KEY';
  const at = url === 'http://127.0.0.1:4000' ? '' : ` --url ${url.replace(/^http/, 'ws')}/graphql`;
  const lines = [
    '',
    'Numberyard is running.',
    `  GraphQL and explorer  ${url}/graphql`,
    `  Health                ${url}/health/ready`,
    '',
    adminKey
      ? `Your administrator key, shown this once and kept nowhere:\n  ${adminKey}`
      : 'Use the key that the first start printed (or start with NUMBERYARD_ADMIN_KEY to set another):\n  export NUMBERYARD_KEY=…',
  ];
  if (demo) {
    const control = demo.simulators.join(',');
    lines.push(
      '',
      'Paste these into another terminal, in this folder:',
      '',
      '  # numbers, each with its connection and that connection’s last sync',
      `  curl -s ${url}/graphql -H 'content-type: application/json' -H "authorization: Bearer ${key}" \\`,
      `    -d '${JSON.stringify({ query: QUERY })}'`,
      '',
      '  # watch numbers enter and leave cooling',
      `  npm run watch -- cooling --key ${key}${at}`,
      '',
      `  # take a device offline; numbers of ${demo.shownSite.name} cool for one minute only`,
      `  npm run device -- offline ${demo.shownNumber} --control ${control}`,
      '',
      'Syncs run every minute. Meanwhile other devices come and go by themselves.',
    );
  }
  lines.push('', 'Ctrl-C stops it.');
  return lines.join('\n');
}
