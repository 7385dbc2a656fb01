import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import type { CommandOutcome } from '../../src/testing/command-outcome.ts';
import { LabUnderTest, type ServerRole } from '../support/lab-under-test.ts';
import { runParley } from '../support/parley-command.ts';
import { killAtOnce } from '../support/process-end.ts';

type Settings = Record<string, Record<string, unknown> & string>;

const scratch = mkdtempSync(join(tmpdir(), 'parley-refused-'));
const sources = { frontend: join(scratch, 'frontend'), edge: join(scratch, 'edge') };
const isRoot = userInfo().uid === 0;
let folders = 0;
let taken: ReturnType<typeof createServer>;
let takenPort = 0;

before(async () => {
  const lab = await LabUnderTest.start();
  const { frontEnd, edge } = lab.organisation('contoso').pids;
  for (const pid of [...frontEnd, ...edge]) await killAtOnce(pid);
  for (const role of ['frontend', 'edge'] as const) cpSync(lab.serverFolder('contoso', role), sources[role], { recursive: true });
  cpSync(join(lab.folder, 'contoso', 'internal-ca'), join(scratch, 'internal-ca'), { recursive: true });
  cpSync(lab.file.ca, join(scratch, 'public-ca.pem'));
  await lab.stop();
  taken = createServer((_request, response) => response.writeHead(404).end('elsewhere'));
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve));
  takenPort = (taken.address() as AddressInfo).port;
});
after(async () => {
  taken?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** A server that would start, on its own copy of all files, but for what `spoil` does to it. */
function spoilt(role: ServerRole, spoil: (settings: Settings, folder: string) => string | void): string {
  const folder = join(scratch, String(folders++));
  cpSync(sources[role], folder, { recursive: true });
  const settings = parse(readFileSync(join(folder, 'server.yaml'), 'utf8')) as Settings;
  settings.internal!.authorityFile = join(scratch, 'internal-ca', 'ca.pem');
  if (role === 'edge') Object.assign(settings, { federationTrustFiles: [join(scratch, 'public-ca.pem')] });
  const text = spoil(settings, folder);
  writeFileSync(join(folder, 'server.yaml'), text ?? stringify(settings));
  return join(folder, 'server.yaml');
}

/** One sentence, the fix, exit code 1, and nothing else. */
function assertRefusal({ code, out, error }: CommandOutcome, expected: RegExp): void {
  assert.match(error, expected);
  assert.equal(code, 1, out);
  assert.equal(out, '');
  assert.match(error, /^Error: .+\n.+\n$/, 'one line for what is wrong, one for the fix');
  assert.doesNotMatch(error, /^\s+at |\bE[A-Z]{3,}:|internal fault/m);
}

const serve = (config: string, ...prefix: readonly string[]) =>
  runParley(['serve', '--stop-with-stdin', '--config', config], {}, prefix);
const put = (file: string, text: string) => (_: Settings, folder: string) => writeFileSync(join(folder, file), text);

const cases: readonly [
  what: string,
  role: ServerRole,
  spoil: (settings: Settings, folder: string) => string | void,
  expected: RegExp,
][] = [
  [
    'a port too large',
    'frontend',
    s => void (s.api!.port = 70_000),
    /line \d+: api\.port: expected a whole number from 1 to 65535\.\n/,
  ],
  [
    'a word for a port',
    'frontend',
    s => void (s.trunk!.port = 'abc'),
    /trunk\.port: expected a whole number from 1 to 65535\.\n/,
  ],
  [
    'a taken port',
    'frontend',
    s => void Object.assign(s.trunk!, { host: '127.0.0.1', port: takenPort }),
    /Port \d+ on 127\.0\.0\.1 is taken[^]*ss -ltnp/,
  ],
  [
    'a taken port that workers would share',
    'frontend',
    s => void Object.assign(s, { workers: 2, trunk: { host: '127.0.0.1', port: takenPort } }),
    /Port \d+ on 127\.0\.0\.1 is taken/,
  ],
  ['too many workers', 'frontend', s => void Object.assign(s, { workers: 99 }), /workers: expected a whole number from 1 to 16/],
  ['a taken API port', 'frontend', s => void Object.assign(s.api!, { host: '127.0.0.1', port: takenPort }), /is taken/],
  ['a taken metrics port', 'edge', s => void Object.assign(s, { metrics: { port: takenPort } }), /is taken/],
  [
    'an address of another machine',
    'edge',
    s => void (s.inside!.host = '203.0.113.77'),
    /203\.0\.113\.77 is not one of this machine/,
  ],
  [
    'no certificate file',
    'frontend',
    s => void (s.client!.certificateFile = 'nowhere.pem'),
    /certificate file \S+nowhere\.pem cannot be read: there is no such file/,
  ],
  ['a folder for a certificate', 'edge', s => void (s.external!.certificateFile = '.'), /it is a folder/],
  ['a certificate that is none', 'frontend', put('client.pem', 'junk'), /holds no usable PEM block/],
  [
    'a key of another certificate',
    'frontend',
    s => void (s.client!.keyFile = 'internal-key.pem'),
    /does not belong to the first certificate/,
  ],
  [
    'a certificate without the name',
    'frontend',
    s => void Object.assign(s, { pool: 'other.contoso.test' }),
    /lacks the name other\.contoso\.test/,
  ],
  ['no CA', 'edge', s => void (s.internal!.authorityFile = 'no.pem'), /no\.pem cannot be read/],
  ['an unclosed quote', 'frontend', () => 'role: frontend\nname: "x\n', /server\.yaml, line \d: not valid YAML: Missing closing/],
  ['a tab', 'frontend', () => '\trole: frontend\n', /line 1: not valid YAML: Tabs are not allowed/],
  ['a double key', 'frontend', s => `${stringify(s)}role: frontend\n`, /line \d+: not valid YAML: Map keys must be unique/],
  ['an empty file', 'frontend', () => '', /role: expected frontend or edge/],
  ['a list', 'frontend', () => '[1, 2]', /expected keys with values/],
  ['aliases without end', 'frontend', () => aliasBomb(), /line 1: not valid YAML: Excessive alias count/],
  ['a role that is none', 'frontend', s => void Object.assign(s, { role: 'fronted' }), /line 1: role: expected frontend or edge/],
  [
    'a misspelt key',
    'frontend',
    s => stringify(s).replace('dataFolder:', 'dataFoldr:'),
    /unknown key "dataFoldr", perhaps "dataFolder"\.\n/,
  ],
  [
    'a misspelt key inside',
    'edge',
    s => stringify(s).replace('external:\n', 'external:\n  certificatFile: x\n'),
    /line \d+: unknown key "certificatFile" in external, perhaps "certificateFile"/,
  ],
  ['a key missing', 'frontend', s => void Reflect.deleteProperty(s, 'pool'), /pool is missing/],
  [
    'a log level that is none',
    'frontend',
    s => void Object.assign(s, { log: { level: 'verbose' } }),
    /log\.level: expected debug, info, warn, error or silent/,
  ],
  ['no token file', 'frontend', s => void (s.api!.tokenFile = 'nope'), /token file \S+ cannot be used: there is no such file/],
  ['a token to be guessed', 'frontend', put('api-token', 'admin 1234\n'), /fewer than 16 characters/],
  [
    'a file for the data folder',
    'frontend',
    s => void Object.assign(s, { dataFolder: 'server.yaml' }),
    /something else of that name is there/,
  ],
  [
    'a data folder where none can be',
    'edge',
    s => void Object.assign(s, { dataFolder: '/proc/parley' }),
    /data folder \/proc\/parley cannot be written/,
  ],
  [
    'a database of a newer version',
    'frontend',
    (_, folder) => newer(join(folder, 'data', 'parley.db')),
    /written by a newer version: it has schema 9999-later[^]*parley restore/,
  ],
  ['a damaged database', 'frontend', (_, folder) => damage(join(folder, 'data', 'parley.db')), /is damaged[^]*parley restore/],
  ['a damaged page of a database', 'frontend', (_, folder) => damagePage(folder), /is damaged[^]*parley restore/],
  ['damaged seal keys', 'frontend', put('data/secrets/seal-keys.json', '{'), /seals passwords cannot be used: it is no JSON/],
  [
    'lost seal keys',
    'frontend',
    (_, folder) => rmSync(join(folder, 'data/secrets/seal-keys.json')),
    /is missing, and only its keys open[^]*an empty file/,
  ],
  [
    'a damaged snapshot key',
    'frontend',
    put('data/secrets/snapshot-key.pem', 'x'),
    /snapshot-key\.pem cannot be used: it is no private key[^]*enrolled again/,
  ],
  ['a damaged route key', 'frontend', put('data/secrets/route-key', 'x'), /route-key cannot be used/],
  ['a damaged route key of an Edge', 'edge', put('data/secrets/route-key', 'x'), /route-key cannot be used/],
  ['a damaged enrolment', 'edge', put('data/enrolment.json', '{}'), /enrolment bundle \S+ cannot be used[^]*parley edge bundle/],
  [
    'no enrolment',
    'edge',
    (_, folder) =>
      [join(folder, 'data/enrolment.json'), join(folder, 'enrolment.json')].forEach(file => rmSync(file, { force: true })),
    /enrolment bundle \S+ cannot be used: there is no such file[^]*parley edge bundle/,
  ],
];

function aliasBomb(): string {
  const lines = Array.from({ length: 12 }, (_, i) => `k${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`);
  return `role: frontend\nk0: &a0 [x]\n${lines.join('\n')}\n`;
}

function damage(path: string): void {
  // the log beside it would mend it
  rmSync(`${path}-wal`, { force: true });
  writeFileSync(path, 'x'.repeat(5_000));
}

function damagePage(folder: string): void {
  const path = join(folder, 'data', 'parley.db');
  // brings into the file what the log beside it holds
  const database = new DatabaseSync(path);
  const [page] = database.prepare("select rootpage from sqlite_schema where name = 'users'").all() as { rootpage: number }[];
  const size = database.prepare('pragma page_size').get() as { page_size: number };
  database.exec('pragma wal_checkpoint(truncate)');
  database.close();
  const bytes = readFileSync(path);
  bytes.fill(0xff, ((page?.rootpage ?? 0) - 1) * size.page_size, (page?.rootpage ?? 0) * size.page_size);
  writeFileSync(path, bytes);
}

function newer(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("insert into kysely_migration values('9999-later','2030-01-01')");
  database.close();
}

describe('a server that cannot start says why in one sentence, and how to mend it', () => {
  it('and starts where nothing is wrong', async () => {
    for (const role of ['frontend', 'edge'] as const) {
      const { code, error } = await serve(spoilt(role, () => undefined));
      assert.equal(code, 0, error);
    }
  });
  for (const [what, role, spoil, expected] of cases) {
    it(what, async () => assertRefusal(await serve(spoilt(role, spoil)), expected));
  }

  it('no such configuration file, a folder, none named', async () => {
    assertRefusal(await serve(join(scratch, 'nowhere.yaml')), /there is no such file/);
    assertRefusal(await serve(scratch), /it is a folder/);
    assertRefusal(await runParley(['serve']), /No configuration file was named/);
  });

  /** Root may do everything by its capabilities alone. */
  const withoutPrivileges = isRoot ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'] : [];
  it('a key and a data folder that this account may not use', async () => {
    const key = spoilt('frontend', (_, folder) => chmodSync(join(folder, 'internal-key.pem'), 0o000));
    const data = spoilt('frontend', (_, folder) => {
      for (const file of ['internal-key.pem', 'client-key.pem', 'api-token']) chmodSync(join(folder, file), 0o644);
      chmodSync(join(folder, 'data'), 0o500);
    });
    chmodSync(scratch, 0o755);
    for (const file of [key, data]) chmodSync(join(file, '..'), 0o755);
    assertRefusal(await serve(data, ...withoutPrivileges), /data folder \S+ cannot be written: this account may not/);
    rmSync(join(key, '..', 'data'), { recursive: true });
    mkdirSync(join(key, '..', 'data'));
    chmodSync(join(key, '..', 'data'), 0o777);
    assertRefusal(await serve(key, ...withoutPrivileges), /key file \S+ cannot be read: this account may not/);
  });

  it('a full disk', async t => {
    const config = spoilt('frontend', (_, folder) => {
      rmSync(join(folder, 'data'), { recursive: true });
      mkdirSync(join(folder, 'data'));
    });
    const data = join(config, '..', 'data');
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', data], { stdio: 'ignore' });
    } catch {
      return t.skip('a small file system can be mounted by root alone');
    }
    try {
      assertRefusal(await serve(config), /disk is full|no space is left[^]*free space|place/);
      const filler = 'x'.repeat(4096);
      for (let i = 0; i < 16; i++) {
        try {
          writeFileSync(join(data, `filler${i}`), filler);
        } catch {
          break;
        }
      }
      assertRefusal(await serve(config), /disk is full|no space is left/);
    } finally {
      execFileSync('umount', ['-l', data]);
    }
  });
});

describe('the launcher', () => {
  const launcher = fileURLToPath(new URL('../../parley', import.meta.url));

  /** A checkout of the launcher alone, with a Node that says this version. */
  function checkout(
    version: string,
    ...folders: readonly string[]
  ): { readonly program: string; readonly env: Record<string, string> } {
    const root = mkdtempSync(join(scratch, 'checkout-'));
    for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
    cpSync(launcher, join(root, 'parley'));
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin', 'node'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
    return { program: join(root, 'parley'), env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin` } };
  }

  function run(program: string, env: Record<string, string>): string {
    try {
      execFileSync(program, ['--help'], { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
      return 'it ran';
    } catch (fault) {
      const { status, stderr } = fault as { status: number; stderr: string };
      return `${status} ${stderr}`;
    }
  }

  it('says that Node is too old, and what brings a new one', () => {
    const { program, env } = checkout('20');
    assert.match(
      run(program, env),
      /^1 parley: needs Node 24 or newer, and \S+ is version 20; run "npm ci --ignore-scripts" in \S+, .+\n$/,
    );
  });

  it('says that the libraries are missing', () => {
    const { program, env } = checkout('24');
    assert.match(run(program, env), /^1 parley: the libraries it needs are missing; run "npm ci --ignore-scripts" in \S+\.\n$/);
  });
});
