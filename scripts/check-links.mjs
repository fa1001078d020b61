/** What the documentation points to is there: linked files and headings, paths of the tree in code spans, npm scripts. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './workspaces.mjs';

const skipped = new Set(['node_modules', 'dist', '.git', '.turbo', 'data']);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !skipped.has(entry.name))
  .map(({ name }) => name);
/** A path from the root, in a code span; patterns and placeholders are none. */
const paths = new RegExp(`\`((?:${folders.map((name) => name.replace('.', '\\.')).join('|')})/[\\w./-]+)\``, 'g');

let found = 0;
for (const page of pagesIn(root)) {
  const text = readFileSync(page, 'utf8');
  const complain = (problem) => {
    found += 1;
    console.error(`${relative(root, page)}: ${problem}`);
  };
  for (const [, target] of prose(text).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path, anchor] = target.split('#');
    const file = path ? join(dirname(page), path) : page;
    if (!existsSync(file)) complain(`there is no ${target}`);
    else if (anchor && !anchorsOf(file).has(anchor)) complain(`there is no heading ${target}`);
  }
  for (const [, path] of text.matchAll(paths)) {
    // A workspace's own page may leave out its `src/` and the ending of modules.
    const places = [root, dirname(page), join(dirname(page), 'src')].map((folder) => join(folder, path));
    if (!places.some((place) => existsSync(place) || existsSync(`${place}.ts`))) complain(`there is no ${path}`);
  }
  for (const [, name] of text.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g)) {
    if (!scripts[name]) complain(`there is no script ${name}`);
  }
}
if (found > 0) process.exitCode = 1;

function* pagesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !skipped.has(entry.name)) yield* pagesIn(join(folder, entry.name));
    else if (entry.name.endsWith('.md')) yield join(folder, entry.name);
  }
}

function prose(text) {
  return text.replace(/```[^]*?```/g, '').replace(/`[^`\n]*`/g, '');
}

/** As GitHub makes them. */
function anchorsOf(file) {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm);
  return new Set([...headings].map(([, heading]) => slug(heading)));
}

function slug(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
