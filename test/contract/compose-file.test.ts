/** docker-compose.yml: what Docker Compose would say about it, and what it would not. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { readConfiguration } from '@numberyard/gateway/configuration';
import { readSettings } from '@numberyard/kit/config/settings';
import { settingsTable } from '@numberyard/launcher/settings';
import { OPERATION_POWERS } from '@numberyard/schema/operation-powers';
import { passedRoutes } from '@numberyard/schema/routes';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  composeProcess,
  composeText,
  interpolate,
  readComposeFile,
  root,
  variablesOf,
} from '../src/compose/compose-file.js';
import { operatorSettings, SUBGRAPHS } from '../src/world/compose-services.js';
import { storyKey } from '../src/world/story.js';

const file = readComposeFile();
const services = Object.entries(file.services);
const ours = services.filter(([, service]) => service.build !== undefined);
/** Runs once and ends: others wait for its end. */
const oneShot = 'mongodb-replica-set';
const example = readFileSync(join(root, '.env.example'), 'utf8');
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');

it('fits the schema of the compose specification', () => {
  // The linter's package carries the specification's own schema as it is.
  const linter = dirname(fileURLToPath(import.meta.resolve('dclint/package.json')));
  const schema = JSON.parse(readFileSync(join(linter, 'schemas/compose.schema.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  expect(schema).toMatchObject({ title: 'Compose Specification' });
  // Its dialect is named by an address that the validator spells otherwise.
  delete schema['$schema'];
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  const content: unknown = parse(composeText(), { merge: true });
  validate(content);
  expect(validate.errors ?? []).toEqual([]);
  // The same validator, so that a schema that allows everything would be noticed.
  expect(validate({ services: { gateway: { imagge: 'x' } } })).toBe(false);
});

it('passes on what the subgraphs serve beside the graph, as the single process and `npm run gateway` do', () => {
  const told = passedRoutes.map(({ prefix, subgraph }) => `${prefix}=${subgraph}`).join(',');
  expect(file.services['gateway']?.environment?.['NUMBERYARD_ROUTES']).toBe(told);
  expect(readFileSync(join(root, 'scripts/run.mjs'), 'utf8')).toMatch(new RegExp(`NUMBERYARD_ROUTES:\\s+'${told}'`));
  for (const route of Object.keys(OPERATION_POWERS.Route)) {
    const [, path = ''] = route.split(' ');
    expect(
      passedRoutes.filter(({ prefix }) => path.startsWith(prefix)),
      route,
    ).toHaveLength(1);
  }
});

it('pins every image, ours to the version in package.json', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  for (const [name, { image = '', build }] of services) {
    expect(image, name).toMatch(/^[a-z]+:\d+\.\d+\.\d+(?:-[a-z]+)?$/);
    if (build !== undefined) expect(image, name).toBe(`numberyard:${version}`);
  }
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(new Set(bases).size).toBe(1);
  expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-/);
});

it('runs nothing as root, with capabilities or on a file system that can be written to', () => {
  expect(dockerfile.match(/^USER (\S+)$/gm)?.at(-1)).toBe('USER node');
  for (const [name, service] of services) {
    expect(service.user ?? 'node', name).not.toMatch(/^(?:0|root)\b/);
    if (service.build === undefined) expect(service.user, name).toBeDefined();
    expect(service, name).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  }
});

it('watches over every service that stays, and gives it time to end', () => {
  for (const [name, service] of services) {
    if (name === oneShot) continue;
    expect(service.healthcheck?.test.length, name).toBeGreaterThan(1);
    expect(service, name).toMatchObject({ init: true, restart: 'unless-stopped' });
    expect(service.stop_grace_period, name).toMatch(/^\d+s$/);
  }
});

it('starts what others wait for, on a condition they can meet', () => {
  for (const [name, { depends_on: needed = {} }] of services) {
    for (const [other, { condition }] of Object.entries(needed)) {
      expect(file.services[other], `${name} needs ${other}`).toBeDefined();
      expect(condition, name).toBe(other === oneShot ? 'service_completed_successfully' : 'service_healthy');
    }
  }
});

it('publishes the gateway alone, and leaves every other service free to have replicas', () => {
  for (const [name, service] of services) {
    expect(service.container_name, name).toBeUndefined();
    expect(service.ports?.length ?? 0, name).toBe(name === 'gateway' ? 1 : 0);
  }
});

describe('settings', () => {
  it.each(ours)('of %s are what its program understands', (name, service) => {
    const { command, environment } = composeProcess(service, operatorSettings(storyKey()));
    if (command.includes('launcher/dist/subgraph.js')) {
      expect(readSettings(settingsTable, environment, 'NUMBERYARD_').mongodbUri).toMatch(/^mongodb:/);
    } else if (name === 'gateway') {
      const supergraph = command[command.indexOf('--supergraph') + 1] ?? '';
      const { subgraphs, unknown } = readConfiguration({
        ...environment,
        NUMBERYARD_SUPERGRAPH: join(root, supergraph),
      });
      expect(subgraphs.map(({ name: subgraph, url }) => [subgraph, new URL(url).hostname])).toEqual(
        [...SUBGRAPHS].sort().map((subgraph) => [subgraph, subgraph]),
      );
      expect(unknown).toEqual([]);
    } else {
      expect(environment).toEqual({});
    }
  });

  it('that are secret come from the environment, and a missing one is told in a sentence', () => {
    const secrets = services.flatMap(([service, { environment = {} }]) =>
      Object.entries(environment)
        .filter(([name]) => /PASSWORD|SECRET|KEY$|MONGODB_URI/.test(name))
        .map(([name, value]) => ({ where: `${service}: ${name}`, value: String(value) })),
    );
    expect(secrets.length).toBeGreaterThan(8);
    for (const { where, value } of secrets) {
      const needed = variablesOf(value).filter(({ operator }) => operator === '?');
      expect(needed.length, where).toBe(1);
      expect(() => interpolate(value, {}), where).toThrow(needed[0]?.name ?? '');
    }
    const sentences = new Map<string, string>();
    for (const { name, operator, text } of variablesOf(composeText())) {
      if (operator === '?' && text) sentences.set(name, text);
    }
    const asked = secrets.flatMap(({ value }) => variablesOf(value).map(({ name }) => name));
    expect(new Set(sentences.keys())).toEqual(new Set(asked));
  });

  it('that the file asks for are all in .env.example, which holds no value of a secret', () => {
    const offered = [...example.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)].map(([line, name, value]) => ({
      name: name ?? '',
      value: value ?? '',
      needed: !line.startsWith('#'),
    }));
    const asked = variablesOf(composeText());
    expect(new Set(offered.map(({ name }) => name))).toEqual(new Set(asked.map(({ name }) => name)));
    const required = new Set(asked.flatMap(({ name, operator }) => (operator === '?' ? [name] : [])));
    for (const { name, value, needed } of offered) {
      expect(needed, name).toBe(required.has(name));
      if (needed) expect(value, name).toBe('');
      else expect(value, name).toBe(asked.find((variable) => variable.name === name)?.text);
    }
  });

  it('never get into the image', () => {
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    expect(ignored).toContain('*');
    expect(ignored).toContain('**/.env');
    expect(readFileSync(join(root, '.gitignore'), 'utf8').split('\n')).toContain('.env');
    expect(dockerfile).not.toMatch(/^(?:ARG|ENV) .*(?:KEY|SECRET|PASSWORD)/m);
  });
});

describe('commands', () => {
  it.each(ours)('of %s are programs of the image', (_name, service) => {
    const env = Object.fromEntries(variablesOf(composeText()).map(({ name }) => [name, 'x']));
    const [node, program = ''] = composeProcess(service, env).command.filter((part) => !part.startsWith('--heap'));
    expect(node).toBe('node');
    expect(program).toMatch(/\/dist\/[\w-]+\.js$/);
    const source = join(root, program.replace('/dist/', '/src/').replace(/\.js$/, '.ts'));
    expect(existsSync(source), source).toBe(true);
  });

  it('of the default image exist as well', () => {
    const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    expect(JSON.parse(command)).toEqual(file.services['gateway']?.command);
  });
});

describe('MongoDB', () => {
  it('is a replica set under one name, with a quick election', () => {
    const set = file.services[oneShot]?.command.join('\n') ?? '';
    expect(set).toContain('electionTimeoutMillis: 2000');
    const [, name = ''] = /--replSet (\w+)/.exec(file.services['mongodb']?.command.join('\n') ?? '') ?? [];
    expect(set).toContain(`_id: '${name}'`);
    for (const [service, { environment = {} }] of ours) {
      if (!environment['MONGODB_URI']) continue;
      const uri = new URL(interpolate(String(environment['MONGODB_URI']), { MONGODB_PASSWORD: 'x' }));
      expect(uri.searchParams.get('replicaSet'), service).toBe(name);
      expect(uri.host, service).toBe(file.services[oneShot]?.environment?.['MEMBERS']);
    }
  });
});
