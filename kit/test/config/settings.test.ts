import { describe, expect, it } from 'vitest';
import {
  describeSettings,
  key32,
  oneOf,
  readSettings,
  SettingsError,
  text,
  wholeNumber,
  yesOrNo,
} from '../../src/config/settings.js';

const table = {
  port: { name: 'PORT', description: 'Port.', fallback: '4000', parse: wholeNumber(0, 65_535) },
  level: { name: 'LEVEL', description: 'Level.', fallback: 'info', parse: oneOf('info', 'debug') },
  colour: { name: 'APP_COLOUR', description: 'Colour.', parse: text },
  safe: { name: 'APP_SAFE', description: 'Safe.', fallback: 'false', parse: yesOrNo },
  key: { name: 'APP_KEY', description: 'Key.', secret: true, parse: key32 },
};

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings(table, env, 'APP_');
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('readSettings', () => {
  it('falls back when a variable is not set or empty, and leaves out what has no fallback', () => {
    expect(readSettings(table, { PORT: '' })).toEqual({ port: 4000, level: 'info', safe: false });
  });

  it('says every wrong value at once, each in a sentence that names its setting', () => {
    expect(problemsOf({ PORT: '70000', LEVEL: 'loud', APP_SAFE: 'yes' })).toEqual([
      'PORT must be a whole number from 0 to 65535, not "70000".',
      'LEVEL must be one of info, debug, not "loud".',
      'APP_SAFE must be true or false, not "yes".',
    ]);
  });

  it.each(['-1', '1.5', '1e3', ' 1', '0x10', 'NaN', '99999999999999999999'])('takes %j for no whole number', (port) => {
    expect(problemsOf({ PORT: port })).toHaveLength(1);
  });

  it('never prints the value of a secret', () => {
    const [problem] = problemsOf({ APP_KEY: 'correct horse battery staple' });
    expect(problem).toBe('APP_KEY must be 32 bytes as 64 hexadecimal digits or base64.');
  });

  it('refuses a misspelt name, which would otherwise silently do nothing', () => {
    expect(problemsOf({ APP_COLOR: 'red' })).toEqual(['APP_COLOR is no setting; see docs/settings.md.']);
  });

  it('leaves other programs their variables', () => {
    expect(problemsOf({ PATH: '/bin', XAPP_COLOR: 'red' })).toEqual([]);
  });
});

describe('key32', () => {
  it('reads the same bytes from hexadecimal, base64 and base64url', () => {
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      expect(key32(bytes.toString(encoding))).toEqual(bytes);
  });

  it.each(['', 'ab', 'f'.repeat(63), `${'f'.repeat(63)}g`, `${'a'.repeat(42)}!`])('refuses %j', (value) => {
    expect(() => key32(value)).toThrow(/32 bytes/);
  });
});

it('describes every setting in one table', () => {
  expect(describeSettings(table).split('\n')).toHaveLength(2 + Object.keys(table).length);
});
