import { expect, test } from 'vitest';
import { numberOfAor } from '../../src/arm/aor.js';

test.each([
  ['sip:+4930123@host', '+4930123'],
  ['sip:+4930123@host:5060;transport=tls?subject=x', '+4930123'],
  ['sips:4930123@host', '4930123'],
  ['SIP:+4930123@HOST', '+4930123'],
  ['sip:\\+4930123@host', '+4930123'],
  ['sip:%2B4930123@host', '+4930123'],
  ['sip:+4930123;phone-context=x@host', '+4930123'],
  ['sip:+4930123:secret@host', '+4930123'],
  ['<sip:+4930123@host>;expires=60', '+4930123'],
  ['"Lobby 5" <sip:+4930123@host>', '+4930123'],
  ['+4930123@host', '+4930123'],
  ['+4930123', '+4930123'],
  ['tel:+49-30-(123)', '+4930123'],
  ['sip:+49-30.123@host;user=phone', '+4930123'],
  ['sip:0@host', '0'],
])('%s is for %s', (aor, number) => {
  expect(numberOfAor(aor)).toBe(number);
});

test.each([
  'sip:lobby.phone@host',
  'sip:room5@host',
  'sip:+49-30-123@host',
  'sip:+49-30-123@host;user=phones',
  'sip:host',
  'sip:4930123',
  'sip:@host',
  'sip:+@host',
  'sip:%ff@host',
  'sip:123456789012345678901@host',
  'sip:*21@host',
  'mailto:+49@host',
  '',
])('%j is for no number', (aor) => {
  expect(numberOfAor(aor)).toBeUndefined();
});
