import { describe, expect, it } from 'vitest';
import { connectMongo } from '../../../src/storage/mongo/connection.js';
import { databaseName, parseMongoUri } from '../../../src/storage/mongo/uri.js';

describe('a MongoDB URI', () => {
  it.each([
    ['mongodb://localhost', 'numberyard_number_inventory'],
    ['mongodb://a:1,b:2,c:3/?replicaSet=rs', 'numberyard_number_inventory'],
    ['mongodb://user:p%40ss@a:1/yard-2?replicaSet=rs', 'yard-2_number_inventory'],
    ['mongodb://[::1]:27017,10.0.0.1', 'numberyard_number_inventory'],
    ['mongodb://%2Ftmp%2Fmongodb-27017.sock', 'numberyard_number_inventory'],
    ['mongodb+srv://cluster.example.org/test', 'test_number_inventory'],
  ])('%s names the database %s', (uri, database) => {
    expect(databaseName(parseMongoUri(uri), 'number-inventory')).toBe(database);
  });

  it('tells its hosts and whether somebody logs in, and where', () => {
    expect(parseMongoUri('mongodb://u:p@a:1,b:2/x?w=1&authSource=admin')).toEqual({
      hosts: 'a:1,b:2',
      prefix: 'x',
      hasUser: true,
      hasAuthSource: true,
    });
    expect(parseMongoUri('mongodb://a')).toMatchObject({ hasUser: false, hasAuthSource: false });
  });

  it.each([
    ['another protocol', 'http://user:secret@host/x', /not of the form/],
    ['no host', 'mongodb://', /not of the form/],
    ['a password with an @ in it', 'mongodb://user:sec@ret@host/x', /%40/],
    ['a password with a slash in it', 'mongodb://user:sec/ret@host/x', /%2F|path/],
    ['a password and no @', 'mongodb://user:secret', /not of the form/],
    ['an @ that is escaped', 'mongodb://user:secret%40host:27017/?replicaSet=rs', /not of the form/],
    ['a path that names no database', 'mongodb://host/a.b', /38 letters/],
    ['a path that is too long', `mongodb://host/${'x'.repeat(39)}`, /38 letters/],
  ])('with %s is refused, without telling the password', (_, uri, message) => {
    const parse = () => parseMongoUri(uri);
    expect(parse).toThrow(
      expect.objectContaining({ code: 'INVALID', message: expect.stringMatching(message) as string }),
    );
    expect(parse).not.toThrow(/sec/);
  });

  it.each(['mongodb://user:%zzsecret@host', 'mongodb://user:sec:ret@host', 'mongodb+srv://user:secret@host:1/'])(
    'that the driver cannot read is refused for good, so that nobody waits for it: %s',
    async (uri) => {
      const connecting = connectMongo(uri, 'number-inventory');
      await expect(connecting).rejects.toMatchObject({
        code: 'INVALID',
        message: expect.stringMatching(/^The MongoDB URI is wrong: (?!.*sec)/) as string,
      });
    },
  );
});
