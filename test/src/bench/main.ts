/** `npm run bench -- <name>`: measures, never tests. */
const BENCHES: Readonly<Record<string, { title: string; run: () => Promise<void> }>> = {
  engines: {
    title: 'both storage engines beside the drivers below them: writing, look-ups, the log',
    run: async () => (await import('./engines/run.js')).run(),
  },
  gateway: {
    title: 'federated list query against the stock gateway over HTTP',
    run: async () => (await import('./gateway/run.js')).run(),
  },
  pages: {
    title: 'pages of 100 out of 1,000,000 numbers (PAGES_NUMBERS), at rest and while a sync writes',
    run: async () => (await import('./pages/run.js')).run(),
  },
  sync: {
    title: 'first and unchanged sync of 100,000 registered users (SYNC_USERS) beside the engine’s raw write speed',
    run: async () => (await import('./sync.js')).run(),
  },
  sweep: {
    title: '100,000 numbers due at one instant (SWEEP_NUMBERS), then some one by one',
    run: async () => (await import('./sweep.js')).run(),
  },
  files: {
    title: 'an import of 100,000 lines (FILES_LINES), an export of 1,000,000 numbers (FILES_NUMBERS) and its memory',
    run: async () => (await import('./files.js')).run(),
  },
  audit: {
    title:
      '1,000,000 numbers (AUDIT_NUMBERS) with 10,000 differences (AUDIT_DIFFERENCES), on AUDIT_ENGINE embedded or mongodb',
    run: async () => (await import('./audit/run.js')).run(),
  },
  subscriptions: {
    title: 'fan-out of a subscription with two joins to 5,000 clients (SUBSCRIPTIONS_CLIENTS)',
    run: async () => (await import('./subscriptions/run.js')).run(),
  },
  start: { title: 'from start to first answer', run: async () => (await import('./start.js')).run() },
};

const bench = BENCHES[process.argv[2] ?? ''];
if (!bench) {
  const list = Object.entries(BENCHES).map(([name, { title }]) => `  ${name.padEnd(15)}${title}`);
  console.error(`Usage: npm run bench -- <name>\n\n${list.join('\n')}`);
  process.exit(2);
}
await bench.run();
