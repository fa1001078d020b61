/** Writes `docs/settings.md` from the table the program reads its settings by; with `--check` says whether the page is still true. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsTable } from '../launcher/dist/settings.js';
import { root } from './workspaces.mjs';

const page = join(root, 'docs', 'settings.md');

const rows = Object.values(settingsTable).map(({ name, fallback, secret, description }) => {
  const value = fallback === undefined ? '–' : fallback === '' ? 'empty' : `\`${fallback}\``;
  return `| \`${name}\` | ${value} | ${description.replaceAll('|', '\\|')}${secret ? ' Never printed.' : ''} |`;
});

const text = `# Settings

Environment variables, read once at the start. A value that does not fit, and a variable that begins with \`NUMBERYARD_\` but is not listed
here, stop the start with a sentence that names it. An empty variable counts as not set. This page is made of the program's own table by
\`npm run settings\`.

<!-- prettier-ignore -->
| Variable | Default | What it sets |
|---|---|---|
${rows.join('\n')}
`;

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/settings.md is not what the settings are: run `npm run settings` and commit it.');
  process.exitCode = 1;
}
