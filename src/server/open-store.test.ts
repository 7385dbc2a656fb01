import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { systemClock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import { PostgresCluster, postgresMissing } from '../testing/postgres-cluster.ts';
import { parseConfiguration } from './configuration-file.ts';
import { openStore } from './open-store.ts';
import type { FrontEndServerConfiguration } from './server-configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-open-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The configuration of a Front End with this store, read as from a file in the folder. */
function read(store?: object): Result<FrontEndServerConfiguration> {
  const keyPair = { certificateFile: 'c.pem', keyFile: 'k.pem' };
  const text = stringify({
    role: 'frontend',
    name: 'fe1.contoso.test',
    pool: 'fe.contoso.test',
    dataFolder: 'data',
    internal: { ...keyPair, authorityFile: 'ca.pem' },
    client: { port: 5061, ...keyPair },
    trunk: { port: 5065 },
    api: { port: 8080, tokenFile: 'api-token' },
    ...(store === undefined ? {} : { store }),
  });
  return parseConfiguration(text, join(folder, 'server.yaml')) as Result<FrontEndServerConfiguration>;
}

function mustRead(store?: object): FrontEndServerConfiguration {
  const configuration = read(store);
  assert.ok(configuration.ok, configuration.ok ? '' : configuration.error.text);
  return configuration.value;
}

const secret = 'not-to-be-shown';
const wrong: readonly [what: string, store: object, detail: RegExp][] = [
  ['another engine', { url: `mysql://u:${secret}@db/x` }, /store\.url: expected sqlite or postgres/],
  ['a URL without a place', { url: 'postgres://' }, /store\.url: expected/],
  ['a schema that would need quotes', { url: 'postgres://db/x', schema: 'A b' }, /store\.schema: expected small letters/],
  ['an unknown key', { url: 'postgres://db/x', password: secret }, /unknown key "password" in store/],
];
for (const [what, store, detail] of wrong) {
  it(`${what} is refused, and no password is shown`, () => {
    const configuration = read(store);
    assert.ok(!configuration.ok);
    assert.equal(configuration.error.code, 'CONFIGURATION_INVALID');
    assert.match(configuration.error.text, detail);
    assert.ok(!JSON.stringify(configuration.error).includes(secret));
  });
}

for (const store of [undefined, { url: 'sqlite' }]) {
  it(`the store ${JSON.stringify(store)} is the file in the data folder`, async () => {
    const opened = await openStore(mustRead(store), systemClock);
    assert.ok(opened.ok);
    assert.equal((await opened.value.readConfiguration()).version.number, 0);
    await opened.value.close();
  });
}

for (const [what, text] of [
  ['missing', undefined],
  ['empty', '\n'],
] as const) {
  it(`a password file that is ${what} is said`, async () => {
    if (text !== undefined) writeFileSync(join(folder, what), text);
    const opened = await openStore(mustRead({ url: 'postgres://127.0.0.1:1/x', passwordFile: what }), systemClock);
    assert.ok(!opened.ok);
    assert.equal(opened.error.code, 'PASSWORD_FILE_UNUSABLE');
    assert.match(opened.error.text, new RegExp(join(folder, what)));
  });
}

describe('a store on PostgreSQL', { skip: postgresMissing() }, () => {
  let cluster: PostgresCluster;
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(() => cluster?.remove());

  it('takes the password from its file, whatever ends the line, and makes the schema', async () => {
    writeFileSync(join(folder, 'password'), `${cluster.password}\r\n`);
    const url = cluster.createDatabase('configured').replace(`:${cluster.password}`, '');
    const opened = await openStore(mustRead({ url, passwordFile: 'password', schema: 'contoso', poolSize: 2 }), systemClock);
    assert.ok(opened.ok, opened.ok ? '' : opened.error.text);
    await opened.value.close();
    assert.equal(cluster.sql('configured', 'select revision from contoso.store_state'), '0');
  });
});
