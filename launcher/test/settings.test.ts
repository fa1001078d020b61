import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings, SettingsError } from '@numberyard/kit/config/settings';
import { expect, it, onTestFinished } from 'vitest';
import { settingsTable } from '../src/settings.js';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings(settingsTable, env, 'NUMBERYARD_');
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

it.each([
  ['PORT', 'http'],
  ['PORT', '65536'],
  ['LOG_LEVEL', 'loud'],
  ['NUMBERYARD_MODE', 'test'],
  ['NUMBERYARD_ALLOW_LOOPBACK', 'yes'],
  ['NUMBERYARD_ALLOW_PLAIN_HTTP', '1'],
  ['NUMBERYARD_ALLOWED_NETWORKS', '10.0.0.0/99'],
  ['NUMBERYARD_CORS_ORIGINS', 'app.example.com'],
  ['NUMBERYARD_CORS_ORIGINS', 'https://app.example.com/'],
  ['NUMBERYARD_CA_FILE', '/no/such/file.pem'],
  ['NUMBERYARD_KEEP_PASSING_DAYS', '0'],
  ['NUMBERYARD_PROT', '1'],
  ['NUMBERYARD_AUDIT_URL', 'audit:4004'],
])('a start with %s=%s is refused with one sentence that names it', (name, value) => {
  const problems = problemsOf({ [name]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${name} .*\\.$`));
});

it.each([
  ['MONGODB_URI', 'admin:opensesame@db.example'],
  ['NUMBERYARD_SIGNING_SECRET', 'opensesame'],
  ['NUMBERYARD_ADMIN_KEY', 'opensesame'],
  ['NUMBERYARD_ENCRYPTION_KEY', 'opensesame'],
])('a wrong %s is refused without being shown', (name, value) => {
  const problems = problemsOf({ [name]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(name);
  expect(problems[0]).not.toContain('opensesame');
});

it('a file of authorities that holds no certificate is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'authorities.pem');
  writeFileSync(file, 'nothing of the kind');
  expect(problemsOf({ NUMBERYARD_CA_FILE: file })).toHaveLength(1);
});

it('everything that is wrong is told at once', () => {
  expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'y' })).toHaveLength(2);
});
