import { describe, expect, it } from 'vitest';
import { createLogger, type Logger } from '../../src/logging/logger.js';

const SECRET = 'hunter2-and-more';
const KEY = 'ny_0123456789abcdef';
const BASIC = `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`;

/** What a real logger writes, line by line. */
function written(log: (logger: Logger) => void): { text: string; lines: Record<string, unknown>[] } {
  const lines: string[] = [];
  log(createLogger('trace', { write: (line) => void lines.push(line) }));
  return { text: lines.join(''), lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('a log line', () => {
  it('hides secret fields at any depth, however their names are spelt, and keeps the others', () => {
    const { text, lines } = written((logger) =>
      logger.info({ a: [{ b: { Password: SECRET, 'X-Api-Key': SECRET, refresh_token: SECRET, name: 'sbc-1' } }] }, 'x'),
    );
    expect(text).not.toContain(SECRET);
    expect(lines[0]).toMatchObject({ a: [{ b: { name: 'sbc-1', Password: '[redacted]' } }], level: 'info', msg: 'x' });
  });

  it('hides what is bound to a child, a grandchild and by setBindings', () => {
    const { text, lines } = written((logger) => {
      const child = logger
        .child({ device: { password: SECRET } })
        .child({ token: SECRET, part: 'sync' }, { level: 'info' });
      child.setBindings({ secret: SECRET, note: `Bearer ${SECRET}` });
      child.info('hello');
    });
    expect(text).not.toContain(SECRET);
    expect(lines[0]).toMatchObject({ part: 'sync', device: { password: '[redacted]' }, msg: 'hello' });
  });

  it('hides keys and header values inside sentences, whatever the case of the scheme', () => {
    const { text } = written((logger) => {
      logger.info(`got Bearer ${SECRET} and ${BASIC}`);
      logger.info({ note: `bearer ${SECRET}`, list: [KEY], [KEY]: 1 }, `key ${KEY}, at https://admin:${SECRET}@host/x`);
      logger.info('Bearer %s', SECRET);
    });
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(KEY);
    expect(text).not.toContain(BASIC.slice(6));
    expect(text).toContain('at https://[redacted]@host/x');
  });

  it('leaves words alone that only look like keys', () => {
    const sentence = 'Basic authentication of company_directory_entry failed';
    expect(written((logger) => logger.info(sentence)).lines[0]?.['msg']).toBe(sentence);
  });

  it('hides fields of objects put into the message', () => {
    expect(
      written((logger) => logger.info('saw %j and %o', { password: SECRET }, { token: SECRET })).text,
    ).not.toContain(SECRET);
  });

  it('hides secrets of errors: message, stack, cause, own fields and the errors of an aggregate', () => {
    const cause = Object.assign(new Error(`Bearer ${SECRET}`), { credentials: SECRET, code: 'E_AUTH' });
    const error = new Error(`device refused ${BASIC}`, { cause });
    const { text, lines } = written((logger) => {
      logger.error(error);
      logger.error({ err: error }, 'with a sentence');
      logger.error({ err: error });
      logger.error({ err: new AggregateError([cause], 'several') });
      logger.child({ err: error }).error('bound');
    });
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(BASIC.slice(6));
    expect(lines).toHaveLength(5);
    for (const line of [lines[0], lines[1], lines[4]]) {
      expect(line?.['err']).toMatchObject({
        name: 'Error',
        message: 'device refused [redacted]',
        cause: { code: 'E_AUTH' },
      });
    }
    expect(lines[3]?.['err']).toMatchObject({ message: 'several', errors: [{ code: 'E_AUTH' }] });
  });

  it('is written although an object holds itself, goes too deep or has an error as its own cause', () => {
    const cycle: Record<string, unknown> = { name: 'loop' };
    cycle['self'] = cycle;
    let deep: Record<string, unknown> = { password: SECRET };
    for (let level = 0; level < 20; level += 1) deep = { deep };
    const error = new Error('round');
    error.cause = error;
    const { text, lines } = written((logger) => logger.info({ cycle, deep, err: error }, 'x'));
    expect(text).not.toContain(SECRET);
    expect(lines[0]).toMatchObject({ cycle: { name: 'loop', self: '[cut]' }, err: { cause: '[cut]' } });
  });

  it('shows the same object twice side by side, which is no cycle', () => {
    const shared = { id: 1 };
    expect(written((logger) => logger.info({ a: shared, b: shared })).lines[0]).toMatchObject({
      a: { id: 1 },
      b: { id: 1 },
    });
  });

  it('hides secrets in maps and sets, and shows of bytes only how many they are', () => {
    const { text, lines } = written((logger) =>
      logger.info({
        map: new Map<string, unknown>([
          ['password', SECRET],
          ['name', 'sbc-1'],
        ]),
        set: new Set([`Bearer ${SECRET}`, 'plain']),
        bytes: Buffer.from(SECRET),
        raw: new Uint8Array(3).buffer,
      }),
    );
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(Buffer.from(SECRET).join(','));
    expect(lines[0]).toMatchObject({
      map: { name: 'sbc-1', password: '[redacted]' },
      set: ['[redacted]', 'plain'],
      bytes: '[16 bytes]',
      raw: '[3 bytes]',
    });
  });

  it('hides secrets that come out of toJSON, and addresses keep their host', () => {
    const { text, lines } = written((logger) =>
      logger.info({ a: { toJSON: () => ({ secret: SECRET, id: 7 }) }, url: new URL(`https://u:${SECRET}@host/x`) }),
    );
    expect(text).not.toContain(SECRET);
    expect(lines[0]).toMatchObject({ a: { id: 7 }, url: 'https://[redacted]@host/x' });
  });

  it('is written although a getter, toJSON or a proxy throws', () => {
    const broken = {
      get bad(): string {
        throw new Error('no');
      },
      good: 1,
    };
    const json = {
      toJSON: () => {
        throw new Error('no');
      },
    };
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const { lines } = written((logger) => logger.info({ broken, json, proxy, big: { n: 1n } }, 'x'));
    expect(lines[0]).toMatchObject({
      broken: { bad: '[unreadable]', good: 1 },
      json: '[unreadable]',
      proxy: '[unreadable]',
      big: { n: '1' },
    });
  });

  it('carries neither process id nor host name, and a time anybody can read', () => {
    const { lines } = written((logger) => logger.child({ part: 'x' }).warn('y'));
    expect(Object.keys(lines[0] ?? {}).sort()).toEqual(['level', 'msg', 'part', 'time']);
    expect(lines[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });
});
