import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { SettingsError } from '@numberyard/kit/config/settings';
import { readConfiguration } from '../src/configuration.js';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  file = join(folder, 'supergraph.graphql');
  const graph = (field: string) => parse(`type Query { ${field}: Int }`);
  const { supergraphSdl } = composeServices([
    { name: 'old-planets', url: 'http://planets.example:8080/graph?v=2', typeDefs: graph('a') },
    { name: 'Stars', url: '', typeDefs: graph('b') },
  ]);
  await writeFile(file, supergraphSdl ?? '');
});
afterAll(() => rm(folder, { recursive: true }));

function addresses(settings: Readonly<Record<string, string>>): Record<string, string> {
  const { subgraphs } = readConfiguration({ NUMBERYARD_SUPERGRAPH: file, ...settings });
  return Object.fromEntries(subgraphs.map(({ name, url }) => [name, url]));
}

function problems(settings: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfiguration(settings);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

test('an address comes from the supergraph, and the environment overrides it', () => {
  expect(addresses({ NUMBERYARD_STARS_URL: 'https://stars.example/graphql' })).toEqual({
    'old-planets': 'http://planets.example:8080/graph?v=2',
    Stars: 'https://stars.example/graphql',
  });
  const moved = { NUMBERYARD_STARS_URL: 'http://s/', NUMBERYARD_OLD_PLANETS_URL: 'http://10.0.0.1:9/other' };
  expect(addresses(moved)).toEqual({ 'old-planets': 'http://10.0.0.1:9/other', Stars: 'http://s/' });
});

test('an address that names a host only keeps the path of the supergraph', () => {
  const { 'old-planets': moved } = addresses({
    NUMBERYARD_STARS_URL: 'http://s/',
    NUMBERYARD_OLD_PLANETS_URL: 'https://elsewhere:444',
  });
  expect(moved).toBe('https://elsewhere:444/graph?v=2');
});

const stars = { NUMBERYARD_STARS_URL: 'http://stars' };

test.each([
  ['nothing', { NUMBERYARD_SUPERGRAPH: '' }, /NUMBERYARD_SUPERGRAPH must name the file/],
  ['a file that is not there', { NUMBERYARD_SUPERGRAPH: '/nowhere' }, /NUMBERYARD_SUPERGRAPH .*ENOENT/],
  ['a file that is no supergraph', { NUMBERYARD_SUPERGRAPH: import.meta.filename }, /NUMBERYARD_SUPERGRAPH .*Syntax/],
  ['no address for a subgraph', {}, /^NUMBERYARD_STARS_URL must say where Stars is; the supergraph does not\.$/],
  ['an address that is none', { NUMBERYARD_STARS_URL: 'stars' }, /^NUMBERYARD_STARS_URL must be an http or https URL/],
  ['another scheme', { NUMBERYARD_STARS_URL: 'ftp://stars' }, /^NUMBERYARD_STARS_URL must be an http or https URL/],
  ['a password in it', { NUMBERYARD_STARS_URL: 'http://a:b@stars' }, /must not hold a user name or password/],
  ['an address too many', { ...stars, NUMBERYARD_MOONS_URL: 'http://m' }, /^NUMBERYARD_MOONS_URL is the address of no/],
  ['a short secret', { ...stars, NUMBERYARD_SIGNING_SECRET: 'short' }, /^NUMBERYARD_SIGNING_SECRET must have at least/],
])('%s is refused with a sentence that names the setting', (_, settings: Record<string, string>, sentence) => {
  expect(problems({ NUMBERYARD_SUPERGRAPH: file, ...settings })).toEqual([expect.stringMatching(sentence)]);
});

test('a secret that is refused is not repeated', () => {
  expect(problems({ NUMBERYARD_SIGNING_SECRET: 'hunter2' }).join()).not.toContain('hunter2');
});

test('settings of other services are no mistake', () => {
  const { unknown } = readConfiguration({ NUMBERYARD_SUPERGRAPH: file, ...stars, NUMBERYARD_OTHER: 'x', PATH: 'y' });
  expect(unknown).toEqual(['NUMBERYARD_OTHER']);
});

test.each(['/files/=Stars', '/files/=Stars, /files/old=old-planets', '/a/b-c/=Stars', '/graphql-files/=Stars'])(
  'the paths %s are passed on',
  (routes) => {
    const environment = { NUMBERYARD_SUPERGRAPH: file, NUMBERYARD_STARS_URL: 'http://s/', NUMBERYARD_ROUTES: routes };
    const told = readConfiguration(environment).settings.routes ?? [];
    expect(told.map(({ prefix, subgraph }) => `${prefix}=${subgraph}`)).toEqual(routes.split(', '));
  },
);

test.each([
  '/=Stars',
  'files/=Stars',
  '/files/',
  '/files//=Stars',
  '/graph=Stars',
  '/graphql=Stars',
  '/health/x=Stars',
])('the paths %s are not passed on: they are none, or the gateway answers there itself', (routes) => {
  const environment = { NUMBERYARD_SUPERGRAPH: file, NUMBERYARD_STARS_URL: 'http://s/', NUMBERYARD_ROUTES: routes };
  expect(problems(environment)).toEqual([expect.stringContaining('NUMBERYARD_ROUTES must be beginnings of paths')]);
});
