/**
 * Who may import whom. Between workspaces an import resolves to the other's `dist`, inside one to its `src`; a rule names a folder of either.
 */
const inside = '^subgraphs/([^/]+)/(?:src|dist)/';
const same = '^subgraphs/$1/(?:src|dist)/';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    // 1. Inside a subgraph arrows run main -> {resolvers, routes, workers} -> commands -> {models, domain} and models -> domain, and never turn back.
    rule('main-is-the-top', 'Nothing imports main.', { path: inside }, { path: `${same}main\\.` }),
    rule(
      'resolvers-only-in-main',
      'Only main wires resolvers.',
      { path: inside, pathNot: `${inside}(?:main\\.|resolvers/)` },
      { path: `${same}resolvers/` },
    ),
    rule(
      'routes-only-in-main',
      'Only main wires routes.',
      { path: inside, pathNot: `${inside}(?:main\\.|routes/)` },
      { path: `${same}routes/` },
    ),
    rule(
      'workers-only-in-main',
      'Only main wires workers.',
      { path: inside, pathNot: `${inside}(?:main\\.|workers/)` },
      { path: `${same}workers/` },
    ),
    rule(
      'commands-below-edges',
      'Models, domain and what stands beside them know no command; resolvers, routes, workers and internal endpoints do.',
      { path: inside, pathNot: `${inside}(?:main\\.|resolvers/|routes/|workers/|internal\\.|commands/)` },
      { path: `${same}commands/` },
    ),
    rule(
      'models-know-domain-only',
      'Models use models and domain.',
      { path: `${inside}models/` },
      { path: same, pathNot: `${same}(?:models|domain)/` },
    ),
    rule(
      'domain-knows-domain-only',
      'Domain uses domain.',
      { path: `${inside}domain/` },
      { path: same, pathNot: `${same}domain/` },
    ),
    // Types may name each other; code that needs itself to load may not exist.
    rule('no-cycles', 'No file needs itself.', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    // 2. domain/ is pure: types of anything, code only of the few modules that compute on nothing but their arguments.
    rule(
      'domain-is-pure',
      'No clock, randomness, process, GraphQL or Mongoose.',
      { path: `${inside}domain/` },
      {
        pathNot: [
          '^subgraphs/',
          '^schema/dist/(?:events|number|rights)',
          '^kit/dist/(?:graph/refusal|clock/clock|identity/identity)',
          // Of these two only functions of their arguments, which eslint.config.js names.
          '^(?:crypto|net)$',
          '(?:^|/)node_modules/(?:croner|ipaddr\\.js)/',
        ],
        dependencyTypesNot: ['type-only'],
      },
    ),
    // 3. Subgraphs meet in the graph, the event log and their internal endpoints, never in an import.
    rule(
      'subgraphs-are-strangers',
      'A subgraph never imports another.',
      { path: '^subgraphs/([^/]+)/' },
      { path: '^subgraphs/', pathNot: '^subgraphs/$1/' },
    ),
    // 4. Only the launcher (and the tests of the whole) may wire subgraphs into a gateway.
    rule(
      'only-the-launcher-wires',
      'Only launcher and test import subgraphs.',
      { pathNot: '^(?:subgraphs|launcher|test)/' },
      { path: '^subgraphs/' },
    ),
    rule(
      'gateway-stands-alone',
      'Only launcher and test import the gateway.',
      { pathNot: '^(?:gateway|launcher|test)/' },
      { path: '^gateway/' },
    ),
    rule(
      'gateway-knows-kit-only',
      'The gateway imports no workspace but kit.',
      { path: '^gateway/' },
      { path: '^(?:schema|simulators|launcher|test)/' },
    ),
    rule(
      'kit-knows-nobody',
      'kit imports no other workspace.',
      { path: '^kit/' },
      { path: '^(?:schema|gateway|subgraphs|simulators|launcher|test)/' },
    ),
    rule(
      'launcher-is-the-top',
      'Nothing imports the launcher, and nothing but tests and the launcher a simulator.',
      { pathNot: '^(?:launcher|test|simulators|subgraphs/[^/]+/test)/' },
      { path: '^(?:launcher|simulators|test)/(?:src|dist)/' },
    ),
    // Beside the five: what is imported exists and is declared.
    rule('no-unresolvable', 'The import leads nowhere.', {}, { couldNotResolve: true }),
    rule('no-undeclared', 'The package is in no package.json.', {}, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
