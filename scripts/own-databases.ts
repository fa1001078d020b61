/** Before each test file: programs that tests start get this environment, and the databases of whoever runs the tests are none of theirs. */
delete process.env['MONGODB_URI'];
