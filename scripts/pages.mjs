/** Writes the pages that are made of the program's own tables; with `--check` says whether they are still true. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsTable } from '../launcher/dist/settings.js';
import { POWERS, RIGHTS, ROLES } from '../schema/dist/rights.js';
import { root } from './workspaces.mjs';

const pages = { 'docs/settings.md': settingsPage(), 'docs/rights.md': rightsPage() };

for (const [page, text] of Object.entries(pages)) {
  const file = join(root, page);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${page} is not what the program does: run \`npm run pages\` and commit it.`);
    process.exitCode = 1;
  }
}

function settingsPage() {
  const rows = Object.values(settingsTable).map(({ name, fallback, secret, description }) => {
    const value = fallback === undefined ? '–' : fallback === '' ? 'empty' : `\`${fallback}\``;
    return [`\`${name}\``, value, `${description}${secret ? ' Never printed.' : ''}`];
  });
  return `# Settings

Environment variables, read once at the start. A value that does not fit, and a variable that begins with \`NUMBERYARD_\` but is not listed
here, stop the start with a sentence that names it. An empty variable counts as not set. This page is made of the program's own table by
\`npm run pages\`.

${table(['Variable', 'Default', 'What it sets'], rows)}
`;
}

function rightsPage() {
  const rows = Object.values(POWERS).map(({ title, grants }) => [
    title,
    ...ROLES.map((role) => (grants[role] === true ? 'yes' : grants[role] ? 'right' : '–')),
  ]);
  return `# Rights

What the role of an API key allows, at the key's hierarchy node and below. "right" means: only with the right ${RIGHTS.join(', ')}, which is granted
to a key beside its role. Nobody sees or changes anything at a sibling node; of what is above, a key sees a short form. A key without the
right is answered with the error \`FORBIDDEN\` and nothing changes. The table is complete beforehand: audits, catalogue, lines and moves are still
to come. This page is made of the program's own table by \`npm run pages\`.

${table(['To', ...ROLES.map((role) => `\`${role}\``)], rows)}
`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return ['<!-- prettier-ignore -->', line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
