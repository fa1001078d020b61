import type { Demo } from './demo/demo.js';
import type { Numberyard } from './numberyard.js';

const QUERY =
  '{ numbers(filter: {status: [USED]}, first: 3) { edges { node { number status vendor hierarchyNode { name } connection { name lastSyncRun { state finishedAt } } } } } }';

/** Printed as soon as the key is there, before anything that takes time: it is told once. */
export function keyNotice({ adminKey }: Numberyard): string {
  return adminKey
    ? `\nYour administrator key, shown this once and kept nowhere:\n  ${adminKey}\n`
    : '\nUse the key that the first start printed:\n  export NUMBERYARD_KEY=…\n(Lost it? Start once with NUMBERYARD_ADMIN_KEY=<24 characters or more> to set another.)\n';
}

/** What a start prints in the end: where to look, and commands to paste. */
export function banner({ numberyard, demo }: { numberyard: Numberyard; demo: Demo | undefined }): string {
  const { url, adminKey } = numberyard;
  const key = adminKey ?? '$NUMBERYARD_KEY';
  const at = url === 'http://127.0.0.1:4000' ? '' : ` --url ${url.replace(/^http/, 'ws')}/graphql`;
  const lines = [
    'Numberyard is running.',
    `  GraphQL and explorer  ${url}/graphql`,
    `  Health                ${url}/health/ready`,
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
