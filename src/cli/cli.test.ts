import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { createAuthority, issueCertificate } from '../certificates/issue.ts';
import { type ManagementApi, type ManagementApiOptions, startManagementApi } from '../management/http-api/management-api.ts';
import { type CommandOutcome, outcomeOf } from '../testing/command-outcome.ts';
import { deployContoso, type ManagementFixture, openManagement } from '../testing/management-fixture.ts';

const launcher = fileURLToPath(new URL('../../parley', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'));

describe('parley, the command line', () => {
  let fixture: ManagementFixture;
  let api: ManagementApi;
  const lab = join(folder, 'lab.json');
  const tokenFile = join(folder, 'token');

  function options(): ManagementApiOptions {
    return {
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      tokens: [{ name: 'lab', token: 'lab-token' }],
      management: fixture.management,
      readiness: async () => ({ ready: true, problems: [] }),
      reportFault: () => undefined,
      reportWrongToken: () => undefined,
    };
  }

  function parley(args: readonly string[], { env = {}, bare = false, program = launcher } = {}): Promise<CommandOutcome> {
    const target = bare ? [] : ['--lab', lab, '--org', 'contoso'];
    const { PARLEY_API: _api, PARLEY_TOKEN_FILE: _file, PARLEY_CA_FILE: _ca, ...inherited } = process.env;
    const child = spawn(program, [...args, ...target], { env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    return outcomeOf(child);
  }

  async function done(...args: string[]): Promise<string> {
    const outcome = await parley(args);
    assert.equal(outcome.code, 0, `${args.join(' ')}: ${outcome.error}${outcome.out}`);
    assert.doesNotMatch(outcome.out + outcome.error, /\u001b/, 'no colours in a pipe');
    return outcome.out;
  }

  before(async () => {
    fixture = await openManagement();
    await deployContoso(fixture);
    const started = await startManagementApi(options());
    assert.ok(started.ok);
    api = started.value;
    writeFileSync(lab, JSON.stringify({ orgs: [{ name: 'contoso', api: { url: api.url, token: 'lab-token' } }] }));
    writeFileSync(tokenFile, 'lab lab-token\n');
  });
  after(async () => {
    await api.close();
    await fixture.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('user: enable, list, suspend, resume, password, remove', async () => {
    const enabled = await done('user', 'enable', 'alice@contoso.test', '--display-name', 'Alice Ames', '--generate');
    assert.match(enabled, /^alice@contoso.test is enabled\.\nPassword of alice@contoso.test: \S+ {2}\(shown this once\)\n$/);
    const file = join(folder, 'password');
    writeFileSync(file, 'pass word\n');
    await done('user', 'password', 'alice@contoso.test', '--password-file', file);
    assert.equal(fixture.sealed.get('alice@contoso.test'), 'pass word');
    await done('user', 'suspend', 'alice@contoso.test');
    const listed = JSON.parse(await done('user', 'list', 'alice*', '--json'));
    assert.equal(listed.objects[0].enabled, false);
    await done('user', 'resume', 'alice@contoso.test');
    assert.match(await done('user', 'list'), /^Identity +Display name +Enabled.*\nalice@contoso.test +Alice Ames +yes/);
    const unasked = await parley(['user', 'remove', 'alice@contoso.test']);
    assert.equal(unasked.code, 1);
    assert.match(unasked.error, /was not confirmed[^]*--yes/);
    await done('user', 'remove', 'alice@contoso.test', '--yes');
    assert.match(await done('user', 'list'), /^0 users\n$/);
  });

  it('user: block, its list, unblock', async () => {
    await done('user', 'enable', 'carol@contoso.test');
    assert.equal(await done('user', 'block', 'carol@contoso.test'), 'carol@contoso.test has blocked nobody.\n');
    assert.match(
      await done('user', 'block', 'carol@contoso.test', 'Mallory@fabrikam.test', 'northwind.test', '--what-if'),
      /^What if: carol@contoso.test blocks .*\n {2}change CsUser carol@contoso.test\n {4}blockedSenders: .*-> .*mallory@fabrikam.test/,
    );
    assert.equal(
      await done('user', 'block', 'carol@contoso.test', 'Mallory@fabrikam.test', 'northwind.test'),
      'carol@contoso.test blocks mallory@fabrikam.test, northwind.test.\n',
    );
    const listed = 'carol@contoso.test has 2 entries on the block list.\n  mallory@fabrikam.test\n  northwind.test\n';
    assert.equal(await done('user', 'block', 'carol@contoso.test', '--list'), listed);
    assert.equal((await parley(['user', 'block', 'carol@contoso.test', 'a.test', '--list'])).code, 2);
    assert.deepEqual(JSON.parse(await done('user', 'list', 'carol*', '--json')).objects[0].blockedSenders, [
      'mallory@fabrikam.test',
      'northwind.test',
    ]);
    await done('user', 'unblock', 'carol@contoso.test', 'northwind.test');
    assert.match(await done('Get-CsUserBlockList', '-Identity', 'carol@contoso.test'), /mallory@fabrikam.test/);
    assert.match(await done('user', 'block', '--help'), /parley user block alice@contoso.com mallory@fabrikam.com northwind.com/);
    await done('user', 'remove', 'carol@contoso.test', '--yes');
  });

  it('user enable from a file: one outcome each, exit code 1 when one failed', async () => {
    const file = join(folder, 'staff.txt');
    writeFileSync(file, '# staff\nadam@contoso.test, Adam Apple\nwrong@elsewhere.test\n\nbeth@contoso.test\n');
    const outcome = await parley(['user', 'enable', '--file', file]);
    assert.equal(outcome.code, 1);
    assert.match(outcome.out, /^2 users enabled, 1 failed\.\nNote: Without a password/);
    assert.match(outcome.error, /^wrong@elsewhere.test: .*parley tenant domain add elsewhere\.test/);
  });

  it('domain, provider, policy, access-edge, tenant, topology', async () => {
    await done('domain', 'allow', 'fabrikam.test', '--comment', 'Contract 17');
    assert.match(await done('domain', 'block', 'fabrikam.test', '--what-if'), /^What if: fabrikam.test is blocked/);
    await done('domain', 'block', 'fabrikam.test');
    assert.match(await done('domain', 'list'), /Blocked +fabrikam.test +- .*Contract 17/);
    await done('domain', 'remove', 'fabrikam.test');
    await done('provider', 'add', 'LyncOnline', 'sipfed.lynconline.test');
    await done('provider', 'enable', 'lynconline');
    assert.match(await done('provider', 'list'), /hosting +LyncOnline +sipfed.lynconline.test +yes/);
    await done('provider', 'remove', 'LyncOnline');
    await done('policy', 'new', 'Basic', '--federation', 'on');
    await done('policy', 'set', 'Basic', '--outside', 'on');
    await done('policy', 'grant', 'Basic', 'adam@contoso.test');
    assert.match(await done('user', 'list', 'adam*'), /Basic/);
    await done('policy', 'revoke', 'adam@contoso.test');
    await done('policy', 'remove', 'Basic');
    assert.match(
      await done('access-edge', 'set', '--federation', 'on', '--discovery', 'on'),
      /Note: Limits for discovered partners/,
    );
    assert.match(await done('access-edge', 'get'), /allowFederatedUsers +yes/);
    await done('tenant', 'new', 'fabrikam');
    assert.match(
      await done('tenant', 'domain', 'add', 'fabrikam.example', '--tenant', 'fabrikam'),
      /_parley-proof.fabrikam.example/,
    );
    await done('tenant', 'set', 'fabrikam', '--federation', 'on');
    assert.equal((await parley(['tenant', 'domain', 'verify', 'fabrikam.example', '--tenant', 'fabrikam'])).code, 1);
    assert.match(await done('tenant', 'list'), /fabrikam.example/);
    await done('tenant', 'remove', 'fabrikam', '--yes');
    assert.match(await done('topology', 'list'), /CsPool +fe.contoso.test +StandardEdition in main: fe.contoso.test/);
    assert.match(await done('history', '--last', '1'), /lab +127\.0\.0\.1 +Remove-CsTenant/);
    await done('access-edge', 'set', '--connections', '2');
    const [, newest = ''] = /\n(\d+) /.exec(await done('history', '--last', '1')) ?? [];
    assert.match(
      await done('history', newest),
      /^revision +\d+\n.*\nauthor +lab\nfrom +127.0.0.1\nsummary +Set-CsAccessEdge.*\n\nCsAccessEdgeConfiguration global changed\n {2}outgoingTlsCountForFederatedPartners +4 -> 2\n$/,
    );
    assert.match(await done('replication', 'status'), /edge.contoso.test +yes/);
    assert.match(await done('replication', 'invoke'), /on its way to all/);
    assert.match(await done('check', 'fabrikam.test'), /pass +SRV-01 +fabrikam.test/);
    assert.match(
      await done('explain', 'a@contoso.test', 'b@fabrikam.test'),
      /allowed\n {2}ok {3}front end {2}switch: Federation is on\.\n/,
    );
  });

  it('Verb-CsNoun in PowerShell style', async () => {
    await done('New-CsAllowedDomain', '-Identity', 'ps.test', '-Comment', 'Hello, world', '-IncludeSubdomains:$true');
    const shown = await done('get-csalloweddomain', 'ps.test');
    assert.match(shown, /comment +Hello, world/);
    assert.match(shown, /includeSubdomains +yes/);
    await done('Set-CsFederatedDomain', '-Identity', 'l1.test,l2.test', '-List', 'blocked');
    assert.match(await done('Remove-CsAllowedDomain', 'ps.test', '-WhatIf'), /What if/);
    await done('Grant-CsExternalAccessPolicy', '-Identity', 'adam@contoso.test', '-PolicyName', '$Null');
    assert.match(await done('Set-CsUser', '-Identity', 'adam@contoso.test', '-Enabled', '$false', '--json'), /"enabled": false/);
    assert.equal((await parley(['Disable-CsUser', 'adam@contoso.test'])).code, 1);
    await done('Disable-CsUser', 'adam@contoso.test', '-Confirm:$false');
    assert.match(await done('New-CsAllowedDomain', '--help'), /-ProxyFqdn[^]*Examples:/);
  });

  it('a server with TLS: its authority is named, or the configuration file names the certificate', async () => {
    const authority = await createAuthority({ name: 'CA', validDays: 30 });
    const issued = await issueCertificate(authority, {
      names: ['fe.contoso.test'],
      addresses: ['127.0.0.1'],
      days: 30,
      eku: 'server',
    });
    const [caFile, certificateFile, keyFile] = ['ca.pem', 'fe.pem', 'fe-key.pem'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(caFile, authority.certificatePem);
    writeFileSync(certificateFile, issued.chainPem);
    writeFileSync(keyFile, issued.keyPem);
    const started = await startManagementApi({ ...options(), tls: { cert: issued.chainPem, key: issued.keyPem } });
    assert.ok(started.ok);
    const { url, close } = started.value;
    try {
      const list = ['user', 'list', '--api', url, '--token-file', tokenFile];
      assert.match((await parley(list, { bare: true })).error, /authority not known here[^]*--ca-file/);
      assert.equal((await parley([...list, '--ca-file', caFile], { bare: true })).code, 0);
      assert.match((await parley([...list, '--ca-file', tokenFile], { bare: true })).error, /--ca-file[^]*no certificate in PEM/);
      const inClear = list.map(part => part.replace(/^https:/, 'http:'));
      assert.match((await parley(inClear, { bare: true })).error, /closed the connection, as one does .* https:/);
      assert.equal((await parley(list, { bare: true, env: { PARLEY_CA_FILE: caFile } })).code, 0);
      const config = join(folder, 'fe.yaml');
      const server = {
        role: 'frontend',
        name: 'fe.contoso.test',
        pool: 'fe.contoso.test',
        dataFolder: 'data',
        internal: { certificateFile, keyFile, authorityFile: caFile },
        client: { port: 5061, certificateFile, keyFile },
        trunk: { port: 5065 },
        api: { host: '0.0.0.0', port: Number(new URL(url).port), tokenFile, tls: { certificateFile, keyFile } },
      };
      writeFileSync(config, JSON.stringify(server));
      const found = await parley(['user', 'list', '--config', config], { bare: true });
      assert.equal(found.code, 0, found.error);
      writeFileSync(config, JSON.stringify({ ...server, name: 'other.contoso.test' }));
      assert.match(
        (await parley(['user', 'list', '--config', config], { bare: true })).error,
        /certificate is for DNS:fe.contoso.test, IP Address:127.0.0.1, not for other.contoso.test/,
      );
    } finally {
      await close();
    }
  });

  const misuse: readonly [string, readonly string[], RegExp][] = [
    ['no arguments', [], /Usage: parley/],
    ['unknown word', ['usre'], /Did you mean user/],
    ['help of an unknown word', ['help', 'usre'], /^Error: unknown command 'usre'\n\(Did you mean user/],
    ['unknown option', ['user', 'list', '--colour'], /unknown option '--colour'/],
    ['missing argument', ['user', 'suspend'], /missing required argument/],
    ['word without its verb', ['user'], /Usage: parley user/],
    ['surplus argument', ['access-edge', 'get', 'x'], /too many arguments/],
    ['value that is no switch', ['access-edge', 'set', '--federation', 'maybe'], /Expected on or off/],
    ['options against each other', ['lab', '--port-base', '26000', '--standard-ports'], /cannot be used with/],
    ['unknown verb', ['Get-CsUsr'], /perhaps Get-CsUser/],
    ['unknown parameter', ['Get-CsUser', '-Colour', 'red'], /has no parameter Colour/],
    ['missing parameter', ['New-CsAllowedDomain'], /needs the parameter Identity/],
    ['missing value', ['New-CsAllowedDomain', '-Identity'], /its value is missing/],
    [
      'boolean whose value a shell took',
      ['New-CsExternalAccessPolicy', '-Identity', 'x', '-EnableFederationAccess'],
      /'\$false' in quotes/,
    ],
    [
      'the same before another',
      ['Set-CsUser', '-Enabled', '-Identity', 'a@b.test'],
      /Enabled of Set-CsUser is not usable: its value is missing/,
    ],
    ['the same after a colon', ['Set-CsUser', '-Identity', 'a@b.test', '-Enabled:'], /expected \$true or \$false/],
    ['filter that is an expression', ['Get-CsUser', '-Filter', '{Enabled -eq $True}'], /not evaluated[^]*alice\*/],
    ['filter without braces', ['Get-CsUser', '-Filter', 'Enabled -eq $True'], /not evaluated/],
    ['stray value', ['Get-CsUser', 'a', 'b'], /no -Parameter in front/],
  ];
  for (const [name, args, expected] of misuse) {
    it(`usage, exit 2: ${name}`, async () => {
      const outcome = await parley(args, { bare: args.length === 0 });
      assert.equal(outcome.code, 2, outcome.out + outcome.error);
      assert.match(outcome.error, expected);
      assert.equal(outcome.out, '');
    });
  }

  it('failures: one sentence and the fix, exit 1, never a stack trace', async () => {
    const foreign = createServer((_request, response) => response.end('<html>hello</html>'));
    await new Promise<void>(resolve => foreign.listen(0, '127.0.0.1', resolve));
    const foreignUrl = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
    const wrongToken = join(folder, 'wrong-token');
    writeFileSync(wrongToken, 'lab another-token\n');
    const rows: readonly [readonly string[], RegExp][] = [
      [['user', 'list'], /not said which server/],
      [['user', 'list', '--api', 'http://127.0.0.1:1', '--token-file', tokenFile], /nothing listens there/],
      [['user', 'list', '--api', api.url, '--token-file', join(folder, 'no')], /no such file/],
      [['user', 'list', '--api', api.url, '--token-file', wrongToken], /token/],
      [['backup', join(folder, 'b'), '--api', 'http://127.0.0.1:1', '--token-file', tokenFile], /nothing listens there/],
      [['backup', join(folder, 'b'), '--with-secrets'], /--config FILE/],
      [['restore', join(folder, 'b')], /No configuration file was named/],
      [['user', 'list', '--api', foreignUrl, '--token-file', tokenFile], /does not understand/],
      [['user', 'list', '--lab', lab], /not said which organisation[^]*contoso[^]*--org NAME/],
      [['user', 'list', '--lab', lab, '--org', 'x'], /has no organisation x/],
      [['user', 'list', '--lab', join(folder, 'no'), '--org', 'x'], /no such file/],
      [['user', 'list', '--api', '127.0.0.1:8443', '--token-file', tokenFile], /"127\.0\.0\.1:8443" is not the address[^]*http:/],
      [['user', 'list', '--api', api.url], /No token file/],
      [['user', 'list', '--api', 'http://fe.contoso.test:8443', '--token-file', tokenFile], /not sent to http[^]*ssh -L/],
      [['user', 'list', '--api', 'http://127.0.0.1.contoso.test', '--token-file', tokenFile], /not sent to/],
      [['user', 'list', '--api', api.url.replace('http', 'https'), '--token-file', tokenFile], /speaks no TLS/],
      [['user', 'list', '--lab', tokenFile, '--org', 'x'], /no lab\.json/],
      [['user', 'list', '--config', join(folder, 'no.yaml')], /no such file/],
    ];
    for (const [args, expected] of rows) {
      const outcome = await parley(args, { bare: true });
      assert.equal(outcome.code, 1, args.join(' '));
      assert.match(outcome.error, expected);
      assert.doesNotMatch(outcome.error, /^\s+at /m);
      assert.equal(outcome.error.trimEnd().split('\n').length, 2, outcome.error);
    }
    foreign.close();
  });

  it('failures with --json are JSON on stdout', async () => {
    const outcome = await parley(['user', 'suspend', 'nobody@contoso.test', '--json']);
    assert.equal(outcome.code, 1);
    assert.equal(JSON.parse(outcome.out).error.code, 'OBJECT_UNKNOWN');
    assert.equal(outcome.error, '');
    for (const [args, text] of [
      [['user', 'lst'], /Unknown command 'lst' \(Did you mean list\?\)\.$/],
      [['user'], /not complete\.$/],
      [['help', 'nothing'], /Unknown command 'nothing'\.$/],
      [['Get-CsUser', '--colour'], /Unknown option '--colour'/],
    ] as const) {
      const wrong = await parley([...args, '--json'], { bare: true });
      assert.equal(wrong.code, 2);
      assert.equal(wrong.error, '');
      assert.equal(JSON.parse(wrong.out).error.code, 'COMMAND_LINE_WRONG');
      assert.match(JSON.parse(wrong.out).error.text, text);
    }
  });

  it('finds the server by options or environment, and starts through a symbolic link', async () => {
    const byOption = await parley(['--api', api.url, '--token-file', tokenFile, 'domain', 'list'], { bare: true });
    assert.equal(byOption.code, 0, byOption.error);
    const env = { PARLEY_API: api.url, PARLEY_TOKEN_FILE: tokenFile };
    const link = join(folder, 'parley');
    symlinkSync(launcher, link);
    const byEnvironment = await parley(['domain', 'list'], { bare: true, env, program: link });
    assert.deepEqual(byEnvironment, byOption);
  });

  it('says which option means nothing to a command, and does nothing', async () => {
    for (const args of [
      ['serve', '--config', 'nowhere.yaml', '--what-if'],
      ['lab', '--tenant', 'x'],
      ['restore', 'file', '--api', 'http://127.0.0.1:9'],
    ]) {
      const { code, error } = await parley(args, { bare: true });
      assert.equal(code, 2, error);
      assert.match(error, /^Error: --\S+ means nothing for "parley \w+"\n/);
    }
  });

  it('every word has help with an example', async () => {
    const words = [
      'user enable',
      'domain allow',
      'provider add',
      'policy grant',
      'access-edge set',
      'tenant domain add',
      'topology list',
      'backup',
      'restore',
      'history',
      'replication status',
      'check',
      'explain',
      'commands',
    ];
    for (const word of words) assert.match(await done(...word.split(' '), '--help'), /Examples:\n {2}parley /, word);
    assert.match(await done('--help'), /Exit codes: 0 done, 1 failed, 2 wrong usage/);
    assert.match(await done('commands'), /Enable-CsUser +Makes addresses/);
  });
});
