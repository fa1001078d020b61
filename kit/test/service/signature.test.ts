import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signCaller, subscribeBody, verifyCaller, type Caller } from '../../src/service/signature.js';

const secret = 'a secret that only the services of one installation hold';
const now = Date.UTC(2026, 0, 15);
const caller: Caller = {
  identity: { id: 'k1', label: 'Ünal', role: 'OPERATOR', rights: ['CONNECTIONS'], node: 'n1', path: 'p.n1' },
};
const request = { method: 'POST', path: '/graphql?a=1', body: '{"query":"{ ä }"}', now };
const header = signCaller(secret, { ...request, caller });

function verified(change: Partial<Parameters<typeof verifyCaller>[1]>, by = secret) {
  return verifyCaller(by, { ...request, header, ...change });
}

/** A header whose signature is right, around any payload. */
function signedPayload(text: string): string {
  const payload = Buffer.from(text).toString('base64url');
  const digest = createHash('sha256').update(request.body).digest('hex');
  const mac = createHmac('sha256', secret).update(['v1', 'POST', request.path, payload, digest].join('\n'));
  return `v1.${payload}.${mac.digest('base64url')}`;
}

describe('a signed caller', () => {
  it('is believed with the request it was signed for, whether the body comes as text or bytes', () => {
    expect(verified({})).toEqual({ caller });
    expect(verified({ body: Buffer.from(request.body) })).toEqual({ caller });
    expect(verified({ method: 'post' })).toEqual({ caller });
  });

  it('may be a service that acts for itself', () => {
    const service = { service: 'gateway' };
    expect(verified({ header: signCaller(secret, { ...request, caller: service }) })).toEqual({ caller: service });
  });

  it('is refused without a header', () => {
    expect(verified({ header: undefined })).toEqual({ refused: 'MISSING' });
    expect(verified({ header: '' })).toEqual({ refused: 'MISSING' });
  });

  it.each([
    ['method', { method: 'GET' }],
    ['path', { path: '/graphql' }],
    ['query', { path: '/graphql?a=2' }],
    ['body', { body: '{"query":"{ a }"}' }],
    ['absence of the body', { body: '' }],
  ])('is refused with another %s than the signed one', (_, change) => {
    expect(verified(change)).toEqual({ refused: 'WRONG' });
  });

  it('is refused when the payload was altered', () => {
    const [version, payload, mac] = header.split('.');
    const mightier = Buffer.from(payload ?? '', 'base64url')
      .toString()
      .replace('OPERATOR', 'PROVIDER');
    const altered = `${version}.${Buffer.from(mightier).toString('base64url')}.${mac}`;
    expect(verified({ header: altered })).toEqual({ refused: 'WRONG' });
  });

  it('is refused with any character of the signature changed', () => {
    const start = header.lastIndexOf('.') + 1;
    for (let at = start; at < header.length - 1; at += 1) {
      const other = header[at] === 'A' ? 'B' : 'A';
      expect(verified({ header: header.slice(0, at) + other + header.slice(at + 1) })).toEqual({ refused: 'WRONG' });
    }
  });

  it('is refused under another secret', () => {
    expect(verified({}, `${secret}!`)).toEqual({ refused: 'WRONG' });
  });

  it('is good for a minute, and for a clock that is a minute ahead', () => {
    expect(verified({ now: now + 60_000 })).toEqual({ caller });
    expect(verified({ now: now + 60_001 })).toEqual({ refused: 'OLD' });
    expect(verified({ now: now - 60_000 })).toEqual({ caller });
    expect(verified({ now: now - 60_001 })).toEqual({ refused: 'AHEAD' });
  });

  it('is refused at every length a header can be cut to', () => {
    for (let length = 0; length < header.length; length += 1) {
      expect(verified({ header: header.slice(0, length) })).toHaveProperty('refused');
    }
  });

  it.each([
    ['another version', header.replace('v1', 'v2')],
    ['a fourth part', `${header}.x`],
    ['a line break at its end', `${header}\n`],
    ['no base64url', header.replace('v1.', 'v1.+/=')],
    ['a huge payload', `v1.${'A'.repeat(1_000_000)}.${'A'.repeat(43)}`],
    ['other things', 'Bearer nonsense'],
  ])('is refused when the header holds %s', (_, odd) => {
    expect(verified({ header: odd })).toEqual({ refused: 'MALFORMED' });
  });

  it.each([
    ['no JSON', '{"caller":'],
    ['no object', '[]'],
    ['null', 'null'],
    ['no time', JSON.stringify({ caller })],
    ['a time that is no number', JSON.stringify({ caller, time: String(now) })],
    ['no caller', JSON.stringify({ time: now })],
    ['an empty caller', JSON.stringify({ caller: {}, time: now })],
    ['two callers in one', JSON.stringify({ caller: { ...caller, service: 'gateway' }, time: now })],
    ['a service without a name', JSON.stringify({ caller: { service: '' }, time: now })],
    ['half an identity', JSON.stringify({ caller: { identity: { id: 'k1' } }, time: now })],
    [
      'rights that are no list',
      JSON.stringify({ caller: { identity: { ...caller.identity, rights: 'ALL' } }, time: now }),
    ],
  ])('is refused when a well signed payload holds %s', (_, text) => {
    expect(verified({ header: signedPayload(JSON.stringify({ caller, time: now })) })).toEqual({ caller });
    expect(verified({ header: signedPayload(text) })).toEqual({ refused: 'MALFORMED' });
  });

  it('signs an operation on a socket by its text, name and variables, absent ones as empty ones', () => {
    expect(subscribeBody({ query: '{ a }' })).toBe('["{ a }",null,{}]');
    expect(subscribeBody({ query: '{ a }', operationName: null, variables: null })).toBe('["{ a }",null,{}]');
    expect(subscribeBody({ query: '{ a }', operationName: 'A', variables: { b: 1 } })).toBe('["{ a }","A",{"b":1}]');
  });
});
