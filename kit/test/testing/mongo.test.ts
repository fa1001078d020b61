import { describe, expect, it } from 'vitest';
import { withDatabase } from '../../src/testing/mongo.js';

describe('a connection string with another database', () => {
  it.each([
    ['mongodb://a:1', 'mongodb://a:1/x'],
    ['mongodb://a:1/', 'mongodb://a:1/x'],
    ['mongodb://a:1,b:2/old?replicaSet=rs', 'mongodb://a:1,b:2/x?replicaSet=rs'],
    ['mongodb://a:1?replicaSet=rs', 'mongodb://a:1/x?replicaSet=rs'],
    ['mongodb+srv://cluster.example.org/', 'mongodb+srv://cluster.example.org/x'],
  ])('%s becomes %s', (uri, other) => {
    expect(withDatabase(uri, 'x')).toBe(other);
  });

  it.each([
    ['mongodb://u:p@a:1/', 'mongodb://u:p@a:1/x?authSource=admin'],
    ['mongodb://u:p@a:1/old', 'mongodb://u:p@a:1/x?authSource=old'],
    ['mongodb://u:p@a:1/old?authSource=there', 'mongodb://u:p@a:1/x?authSource=there'],
  ])('%s is still logged in to where it was', (uri, other) => {
    expect(withDatabase(uri, 'x')).toBe(other);
  });

  it('is refused when it is none', () => {
    expect(() => withDatabase('postgres://a', 'x')).toThrow(/no connection string/);
  });
});
