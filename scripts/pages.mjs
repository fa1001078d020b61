/** Writes the pages that are made of the program's own tables; with `--check` says whether they are still true. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsTable } from '../launcher/dist/settings.js';
import { OPERATION_POWERS, powersFor } from '../schema/dist/operation-powers.js';
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
to a key beside its role. A key without the right is answered with the error \`FORBIDDEN\` before anything is looked at, and nothing changes. The
table is complete beforehand: catalogue and lines are still to come. This page is made of the program's own tables by \`npm run pages\`.

${table(['To', ...ROLES.map((role) => `\`${role}\``)], rows)}

Nobody sees or changes anything at a sibling node: it answers as if it did not exist. Of what is above, a key sees a short form. A \`PARTNER\` key is
told of numbers alone: their data, history, counts and changes, the node each lives at by id, type, name and path, and no connection.

## What needs which

${table(
  ['To', ...Object.keys(OPERATION_POWERS)],
  Object.entries(POWERS)
    .map(([power, { title }]) => [title, ...Object.values(OPERATION_POWERS).map((needs) => namesOf(needs, power))])
    .filter(([, ...names]) => names.some(Boolean)),
)}

\`Entity\`: types asked for by reference, from another subgraph. \`Field\`: fields that are added to a type of another subgraph; a key without the power gets the rest of
the thing. A name with a condition needs that power only then, beside its other one.
`;
}

/** The doors that need a power: always, or with a flag of their input. */
function namesOf(needs, power) {
  const shown = Object.entries(needs).flatMap(([name, need]) => {
    if (powersFor(need).includes(power)) return [`\`${name}\``];
    const flag =
      typeof need === 'string' ? undefined : Object.keys(need.with).find((each) => need.with[each] === power);
    return flag ? [`\`${name}\` with \`${flag}\``] : [];
  });
  return shown.join(', ');
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return ['<!-- prettier-ignore -->', line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
