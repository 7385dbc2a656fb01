import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { deployContoso, type ManagementFixture, openManagement } from '../../testing/management-fixture.ts';
import { parseApiTokens } from './api-token.ts';
import { type ManagementApi, startManagementApi } from './management-api.ts';

const tokens = [
  { name: 'alice', token: 'token-of-alice' },
  { name: 'panel', token: 'token-of-panel' },
];

describe('management API', () => {
  let fixture: ManagementFixture;
  let api: ManagementApi;
  let problems: string[] = [];
  const faults: [string, unknown][] = [];

  async function start(port = 0) {
    return startManagementApi({
      host: '127.0.0.1',
      port,
      clock: systemClock,
      tokens,
      management: fixture.management,
      readiness: async () => ({ ready: problems.length === 0, problems }),
      reportFault: (id, fault) => faults.push([id, fault]),
      reportWrongToken: () => undefined,
    });
  }

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        authorization: 'Bearer token-of-panel',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/, `${method} ${path} ${response.status}`);
    return { status: response.status, etag: response.headers.get('etag'), body: JSON.parse(text), text };
  }

  before(async () => {
    fixture = await openManagement();
    await deployContoso(fixture);
    const started = await start();
    assert.ok(started.ok);
    api = started.value;
  });
  after(async () => {
    await api.close();
    await fixture.close();
  });

  it('runs commands with names in any letter case, and the actor of the token', async () => {
    const made = await call('POST', '/api/v1/commands/new-csalloweddomain', { Identity: 'fabrikam.test' });
    assert.equal(made.status, 200, made.text);
    assert.equal((await fixture.store.readRevisions(1))[0]?.author, 'panel');
    await call(
      'POST',
      '/api/v1/commands/Set-CsAllowedDomain',
      { Identity: 'fabrikam.test', Comment: 'x' },
      { authorization: 'bearer token-of-alice' },
    );
    assert.equal((await fixture.store.readRevisions(1))[0]?.author, 'alice');
  });

  it('ETag is the version; If-Match with an old one is 412', async () => {
    const one = await call('GET', '/api/v1/csalloweddomain/fabrikam.test');
    assert.equal(one.etag, `"${one.body.version}"`);
    const set = (comment: string, match: string) =>
      call('POST', '/api/v1/commands/Set-CsAllowedDomain', { identity: 'fabrikam.test', comment }, { 'if-match': match });
    const first = await set('y', one.etag ?? '');
    assert.equal(first.status, 200, first.text);
    assert.notEqual(first.etag, one.etag);
    const second = await set('z', one.etag ?? '');
    assert.deepEqual([second.status, second.body.code], [412, 'VERSION_STALE']);
    assert.equal((await set('z', 'nonsense')).status, 400);
    assert.equal((await set('z', '*')).status, 200);
  });

  it('lists and shows objects', async () => {
    const list = await call('GET', '/api/v1/CsPool?filter=fe*');
    assert.deepEqual(
      (list.body.objects as { identity: string }[]).map(object => object.identity),
      ['fe.contoso.test'],
    );
    assert.equal((await call('GET', '/api/v1/CsExternalAccessPolicy/global')).body.identity, 'global');
    assert.equal((await call('GET', '/api/v1/CsRevision?last=1')).status, 200);
    assert.equal((await call('GET', '/api/v1/CsPool/none.test')).status, 404);
    assert.equal((await call('GET', '/api/v1/CsPool?colour=red')).body.code, 'PARAMETER_UNKNOWN');
  });

  const wrong: readonly [string, string, string, unknown, number, string][] = [
    ['no such command', 'POST', '/api/v1/commands/Get-CsUsr', {}, 404, 'COMMAND_UNKNOWN'],
    ['no such path', 'GET', '/api/v1/CsNothing', undefined, 404, 'API_PATH_UNKNOWN'],
    ['no JSON', 'POST', '/api/v1/commands/Get-CsUser', '{"identity":', 400, 'API_REQUEST_INVALID'],
    ['a list', 'POST', '/api/v1/commands/Get-CsUser', [], 400, 'API_REQUEST_INVALID'],
    ['prototype', 'POST', '/api/v1/commands/Get-CsUser', '{"__proto__":{"identity":"x"}}', 400, 'API_REQUEST_INVALID'],
    ['wrong type', 'POST', '/api/v1/commands/Set-CsUser', { identity: { a: 1 } }, 400, 'PARAMETER_INVALID'],
    ['too large', 'POST', '/api/v1/commands/Get-CsUser', `{"identity":"${'x'.repeat(9_000_000)}"}`, 413, 'API_REQUEST_TOO_LARGE'],
    ['destructive', 'POST', '/api/v1/commands/Disable-CsUser', { identity: 'x@contoso.test' }, 409, 'CONFIRMATION_REQUIRED'],
  ];
  for (const [name, method, path, body, status, code] of wrong) {
    it(`bad request: ${name}`, async () => {
      const answer = await call(method, path, body);
      assert.deepEqual([answer.status, answer.body.code], [status, code], answer.text.slice(0, 500));
      assert.deepEqual(Object.keys(answer.body).sort(), ['code', 'details', 'fix', 'id', 'text']);
    });
  }

  it('another content type is refused', async () => {
    const answer = await call('POST', '/api/v1/commands/Get-CsUser', 'identity=x', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    assert.equal(answer.body.code, 'API_REQUEST_INVALID');
  });

  it('needs a token that matches in full', async () => {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer token-of-alic',
      'Bearer token-of-alicee',
      'Basic token-of-alice',
      `Bearer ${'x'.repeat(2000)}`,
    ]) {
      const answer = await call('GET', '/api/v1/CsPool', undefined, { authorization });
      assert.deepEqual([answer.status, answer.body.code], [401, 'API_TOKEN_WRONG'], authorization);
    }
    assert.equal((await call('GET', '/healthz', undefined, { authorization: '' })).status, 200);
    assert.deepEqual(parseApiTokens('# note\n\nanna  abc\nbare\n'), [
      { name: 'anna', token: 'abc' },
      { name: 'admin', token: 'bare' },
    ]);
  });

  it('a path that cannot be read is refused like anything else', async () => {
    for (const path of ['/api/v1/CsUser/%', '/%E0%A4', `/api/v1/CsUser/${'a'.repeat(400)}`]) {
      const { status, body } = await call('GET', path);
      assert.deepEqual([status, body.code], [400, 'API_REQUEST_INVALID'], path);
      assert.ok(body.fix);
    }
  });

  it('readiness says what is wrong', async () => {
    problems = ['The store cannot be written since 12:00.'];
    const answer = await call('GET', '/readyz');
    assert.deepEqual([answer.status, answer.body], [503, { ready: false, problems }]);
    problems = [];
    assert.equal((await call('GET', '/readyz')).status, 200);
  });

  it('takes several commands as one change', async () => {
    const commands = [
      { command: 'New-CsAllowedDomain', parameters: { Identity: 'one.test' } },
      { command: 'set-csalloweddomain', parameters: { Identity: 'one.test', Comment: 'both' } },
    ];
    const tried = await call('POST', '/api/v1/changes', { commands, whatIf: true });
    assert.deepEqual([tried.status, tried.body.kind, tried.body.changes.length], [200, 'whatIf', 1], tried.text);
    const made = await call('POST', '/api/v1/changes', { commands });
    assert.deepEqual([made.status, made.body.kind, made.body.commands.length], [200, 'changed', 2], made.text);
    const refused = await call('POST', '/api/v1/changes', { commands });
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.details.code],
      [409, 'CHANGE_STEP_REFUSED', 'OBJECT_EXISTS'],
    );
    const wrong = await call('POST', '/api/v1/changes', { commands: [{ command: 'nonsense' }] });
    assert.deepEqual([wrong.status, wrong.body.code], [400, 'API_REQUEST_INVALID']);
  });

  it('describes every command', async () => {
    const { body } = await call('GET', '/openapi.json', undefined, { authorization: '' });
    const paths = body.paths as Record<string, { post?: { requestBody?: unknown } }>;
    assert.ok(paths['/api/v1/commands/Enable-CsUser']?.post?.requestBody);
    assert.ok(paths['/api/v1/CsUser/{identity}']);
    assert.match(JSON.stringify(paths['/api/v1/commands/New-CsAllowedDomain']), /proxyFqdn/);
    assert.ok(!JSON.stringify(body).includes('token-of'));
  });

  it('a fault of ours shows an id and nothing else', async () => {
    const { management } = fixture;
    const original = management.execute;
    management.execute = () => Promise.reject(new Error('secret detail at /some/path'));
    try {
      const answer = await call('POST', '/api/v1/commands/Get-CsUser', {});
      assert.deepEqual([answer.status, answer.body.code], [500, 'INTERNAL_FAULT']);
      assert.doesNotMatch(answer.text, /secret|stack|\.ts/);
      assert.equal((answer.body.details as { faultId: string }).faultId, faults.at(-1)?.[0]);
    } finally {
      management.execute = original;
    }
  });

  it('a taken port is one clear failure', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const started = await start(port);
    other.close();
    assert.ok(!started.ok && started.error.code === 'PORT_IN_USE');
    assert.match(started.error.text, new RegExp(String(port)));
  });
});
